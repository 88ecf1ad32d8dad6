import { kind, type Provider, times } from './shape.ts'

// https://github.com/panva/node-oidc-provider/tree/main/docs

const API = 'https://api.example.com'

export const other: Provider = async (internet) => {
  const server = await internet.authority({ issuer: 'https://auth.example.com' })
  const sign = kind(server, { aud: API, sub: 'alice', client_id: 'web', jti: 'j-1', scope: 'read:orders' })
  const opaque = (response: Record<string, unknown>): string => {
    const token = crypto.randomUUID().replaceAll('-', '')
    server.responses.set(token, { active: true, ...times(), iss: server.issuer, client_id: 'web', ...response })
    return token
  }
  return {
    'a JWT for this API': () => sign({}, { typ: 'at+jwt' }),
    'an opaque token for this API': () => opaque({ aud: API, scope: 'read:orders', token_type: 'Bearer' }),
    'an opaque token for another API': () => opaque({ aud: 'https://invoices.example.com', scope: 'read:orders' }),
    'a refresh token': () => opaque({ scope: 'read:orders' }),
    revoked: () => crypto.randomUUID().replaceAll('-', ''),
    'an ID token': () => sign({ aud: 'web', scope: undefined, nonce: 'n-1' }, { typ: 'JWT' }),
  }
}
