import { kind, type Provider, times } from './shape.ts'

// https://www.ory.com/docs/hydra/guides/jwt and https://www.ory.com/docs/hydra/reference/api

const API = 'https://api.example.com'
const ISSUER = 'https://hydra.example.com'

export const hydra: Provider = async (internet) => {
  const server = await internet.authority({
    issuer: ISSUER,
    keysAt: `${ISSUER}/.well-known/jwks.json`,
    metadata: { credentials_supported_draft_00: [] },
  })
  const { iat } = times()
  const jwt = kind(
    server,
    { aud: [API], client_id: 'web', ext: {}, jti: 'j-1', nbf: iat, scp: ['openid', 'read:orders'], sub: 'alice' },
    { typ: 'JWT' },
  )
  const responses = new Map<string, Record<string, unknown>>()
  internet.on('https://hydra-admin.example.com/admin/oauth2/introspect', (_request, body) => ({
    json: responses.get(new URLSearchParams(body).get('token') ?? '') ?? { active: false },
  }))
  const opaque = (prefix: string, response: Record<string, unknown>) => {
    const token = `${prefix}${crypto.randomUUID().replaceAll('-', '')}.${'s'.repeat(43)}`
    const about = { active: true, ...times(), nbf: iat, iss: ISSUER, aud: [API], client_id: 'web', sub: 'alice' }
    responses.set(token, { ...about, scope: 'openid read:orders', token_type: 'Bearer', ...response })
    return token
  }
  return {
    'a JWT': () => jwt(),
    'an opaque token': () => opaque('ory_at_', { token_use: 'access_token' }),
    'without the scope': () => jwt({ scp: ['openid'] }),
    'for another API': () => jwt({ aud: ['https://invoices.example.com'] }),
    'requested without `audience`': () => jwt({ aud: [] }),
    'a refresh token': () => opaque('ory_rt_', { token_use: 'refresh_token' }),
    revoked: () => `ory_at_${'c'.repeat(43)}.${'s'.repeat(43)}`,
    'an ID token': () =>
      jwt({ aud: ['web'], client_id: undefined, scp: undefined, at_hash: 'abc', rat: iat, sid: 's-1', nonce: 'n-1' }),
  }
}
