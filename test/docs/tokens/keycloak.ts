import { kind, type Provider, symmetric, times } from './shape.ts'

// https://www.keycloak.org/docs/latest/server_admin/

const ISSUER = 'https://sso.example.com/realms/shop'

export const keycloak: Provider = async (internet) => {
  const realm = await internet.authority({
    issuer: ISSUER,
    keysAt: `${ISSUER}/protocol/openid-connect/certs`,
    metadata: { token_endpoint: `${ISSUER}/protocol/openid-connect/token` },
  })
  const ofUser = {
    jti: 'onrtac:0c6f4f2e-33f2-4f1d-9a53-2d2a8c4d7f10',
    aud: ['orders-api', 'account'],
    sub: 'f1d2d2f9-24e9-4c0a-9a53-2d2a8c4d7f10',
    typ: 'Bearer',
    azp: 'shop-web',
    sid: '5a1b3c7e-33f2-4f1d-9a53-2d2a8c4d7f10',
    acr: '1',
    'allowed-origins': ['https://shop.example.com'],
    realm_access: { roles: ['default-roles-shop', 'offline_access'] },
    resource_access: { account: { roles: ['manage-account'] } },
    scope: 'openid profile email orders.read',
    preferred_username: 'alice',
  }
  const user = kind(realm, ofUser, { typ: 'JWT' })
  return {
    'of a user': () => user(),
    'of a service account': () =>
      user({ azp: 'robot', client_id: 'robot', sid: undefined, preferred_username: 'service-account-robot' }),
    'without the client scope': () => user({ scope: 'openid profile email' }),
    'with the role': () => user({ realm_access: { roles: ['default-roles-shop', 'support'] } }),
    'without the role': () => user(),
    '`aud` is `account`': () => user({ aud: 'account' }),
    'without `aud`': () => user({ aud: undefined }),
    'an ID token': () => user({ typ: 'ID', aud: 'shop-web', at_hash: 'abc', scope: undefined }),
    'a refresh token': () => symmetric('HS512', { iss: ISSUER, ...times(), ...ofUser, typ: 'Refresh', aud: ISSUER }),
    'with `nonce`': () => user({ nonce: 'n-1' }),
    'of another realm': () => user({ iss: 'https://sso.example.com/realms/test' }),
  }
}
