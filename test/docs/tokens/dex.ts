import { kind, type Provider } from './shape.ts'

// https://dexidp.io/docs/configuration/tokens/

const ISSUER = 'https://dex.example.com'

export const dex: Provider = async (internet) => {
  const server = await internet.authority({
    issuer: ISSUER,
    keysAt: `${ISSUER}/keys`,
    metadata: { device_authorization_endpoint: `${ISSUER}/device/code` },
  })
  const user = kind(server, {
    sub: 'CgVhbGljZRIFbG9jYWw',
    aud: 'orders-web',
    at_hash: 'abc',
    nonce: 'n-1',
    email: 'alice@example.com',
    email_verified: true,
    groups: ['support'],
    name: 'Alice',
    federated_claims: { connector_id: 'ldap', user_id: 'alice' },
  })
  return {
    'of a user in the group': () => user(),
    'without the group': () => user({ groups: ['sales'] }),
    'an ID token of the same client': () => user({ at_hash: 'def', c_hash: 'abc' }),
    'of another client': () => user({ aud: 'invoices-web' }),
    'of another server': () => user({ iss: 'https://dex.other.example' }),
    'a refresh token': () => `Cg${'c'.repeat(60)}`,
  }
}
