import { kind, type Provider, times } from './shape.ts'

// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/

const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const API = 'https://api.example.com'

export const kubernetes: Provider = async (internet) => {
  const cluster = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/openid/v1/jwks` })
  const account = (namespace: string, name: string) => ({
    sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io': { namespace, pod: { name: 'web-1', uid: 'u-1' }, serviceaccount: { name, uid: 'u-2' } },
  })
  const sign = kind(cluster, { aud: [API], jti: 'j-1', nbf: times().iat, ...account('shop', 'web') })
  const deleted = new Set<string>()
  const review = async (claims: Record<string, unknown> = {}) => sign({ ...claims, jti: crypto.randomUUID() })
  internet.on(`${ISSUER}/apis/authentication.k8s.io/v1/tokenreviews`, (_request, body) => {
    const { token } = (JSON.parse(body) as { spec: { token: string } }).spec
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString()) as {
      sub: string
      aud: string[]
    }
    const isGood = !deleted.has(token) && claims.aud.includes(API)
    const user = { username: claims.sub, uid: 'u-2', groups: ['system:serviceaccounts'] }
    return {
      status: 201,
      json: { status: isGood ? { authenticated: true, user, audiences: [API] } : { authenticated: false } },
    }
  })
  return {
    'of the service account': () => sign(),
    'of another service account': () => sign(account('shop', 'batch')),
    'for the API server': () => sign({ aud: [ISSUER] }),
    'of another cluster': () => sign({ iss: 'https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE' }),
    'from a secret (legacy)': () => sign({ iss: 'kubernetes/serviceaccount', aud: undefined, exp: undefined }),
    'of a pod that was deleted': async () => {
      const token = await review()
      deleted.add(token)
      return token
    },
  }
}
