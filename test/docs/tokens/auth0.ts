import { encrypted, kind, type Provider, symmetric, times } from './shape.ts'

// https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles

const API = 'https://api.example.com'
const ISSUER = 'https://example.eu.auth0.com/'

export const auth0: Provider = async (internet) => {
  const tenant = await internet.authority({
    issuer: ISSUER,
    keysAt: 'https://example.eu.auth0.com/.well-known/jwks.json',
  })
  const ofUser = {
    sub: 'auth0|6553da60a54af58e29493993',
    aud: [API, `${ISSUER}userinfo`],
    azp: 'my_client_id',
    scope: 'openid profile read:orders',
  }
  const user = kind(tenant, ofUser, { typ: 'JWT' })
  const machine = kind(
    tenant,
    { sub: 'robot@clients', aud: API, azp: 'robot', gty: 'client-credentials' },
    { typ: 'JWT' },
  )
  return {
    'of a user, Auth0 profile': () => user(),
    'of a user, RFC 9068 profile': () =>
      user({ azp: undefined, client_id: 'my_client_id', jti: crypto.randomUUID() }, { typ: 'at+jwt' }),
    'of a machine': () => machine({ scope: 'read:orders' }),
    'without the scope': () => user({ scope: 'openid profile' }),
    'with the permission, without the scope': () => user({ scope: 'openid', permissions: ['read:orders'] }),
    'with scope and permission': () => user({ scope: 'write:orders', permissions: ['refund:orders'] }),
    'with the scope, without the permission': () => user({ scope: 'write:orders', permissions: ['read:orders'] }),
    'for another API of the tenant': () => user({ aud: 'https://invoices.example.com' }),
    'requested without `audience`': () => encrypted({ alg: 'dir', enc: 'A256GCM', iss: ISSUER }),
    'an ID token': () => user({ aud: 'my_client_id', azp: undefined, scope: undefined, nonce: 'n-1', name: 'Alice' }),
    'of an API set to HS256': () => symmetric('HS256', { iss: ISSUER, ...times(), ...ofUser }),
    'by the custom domain': () => user({ iss: 'https://login.example.com/' }),
  }
}
