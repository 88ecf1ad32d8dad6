import { kind, type Provider, times } from './shape.ts'

// https://developer.okta.com/docs/guides/validate-access-tokens/

const ISSUER = 'https://example.okta.com/oauth2/default'

export const okta: Provider = async (internet) => {
  const server = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}/v1/keys` })
  const ofUser = {
    ver: 1,
    aud: 'api://default',
    cid: '0oa1example2CLIENT3',
    uid: '00u1example2USER345',
    sub: 'alice@example.com',
    scp: ['openid', 'orders.read'],
    auth_time: times().iat,
  }
  const sign = kind(server, ofUser)
  const revoked = new Set<string>()
  const tokens = new Set<string>()
  const user = async (claims: Record<string, unknown> = {}) => {
    const token = await sign({ jti: `AT.${crypto.randomUUID()}`, ...claims })
    tokens.add(token)
    return token
  }
  const responseTo = (token: string) => {
    const { aud, sub, uid } = ofUser
    const about = { active: true, ...times(), iss: ISSUER, sub, uid, client_id: ofUser.cid, username: sub }
    if (token === REFRESH) return { ...about, token_type: 'refresh_token', aud: ISSUER, scope: 'offline_access' }
    if (!tokens.has(token) || revoked.has(token)) return { active: false }
    return { ...about, aud, token_type: 'Bearer', scope: 'openid orders.read' }
  }
  internet.on(`${ISSUER}/v1/introspect`, (_request, body) => ({
    json: responseTo(new URLSearchParams(body).get('token') ?? ''),
  }))
  return {
    'of a user': () => user(),
    'of a machine': () => user({ uid: undefined, sub: ofUser.cid, scp: ['orders.read'], auth_time: undefined }),
    'without the scope': () => user({ scp: ['openid'] }),
    'of a user in the group': () => user({ groups: ['Everyone', 'Support'] }),
    revoked: async () => {
      const token = await user()
      revoked.add(token)
      return token
    },
    'of the org authorization server': () =>
      sign(
        { iss: 'https://example.okta.com', aud: 'https://example.okta.com' },
        { typ: 'application/okta-internal-at+jwt' },
      ),
    'an ID token': () => sign({ aud: ofUser.cid, cid: undefined, scp: undefined, nonce: 'n-1', at_hash: 'abc' }),
    'a refresh token': () => REFRESH,
  }
}

const REFRESH = 'lyTGdsQfLG7bZ8Q0aTjW3example9refreshTOKEN12'
