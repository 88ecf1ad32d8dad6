import { kind, type Provider, times } from './shape.ts'

// https://docs.goauthentik.io/add-secure-apps/providers/oauth2/

const ISSUER = 'https://auth.example.com/application/o/orders/'
const CLIENT = 'aBcDeFgHiJkLmNoPqRsTuVwXyZ'

export const authentik: Provider = async (internet) => {
  const application = await internet.authority({ issuer: ISSUER, keysAt: `${ISSUER}jwks/` })
  const claims = {
    sub: 'f'.repeat(64),
    aud: CLIENT,
    auth_time: times().iat,
    acr: 'goauthentik.io/providers/oauth2/default',
    sid: 'e'.repeat(64),
    groups: ['support'],
  }
  const access = kind(application, { ...claims, azp: CLIENT, uid: 'u-1' }, { typ: 'JWT' })
  const id = kind(application, claims, { typ: 'JWT' })
  return {
    'of a user in the group': () => access(),
    'of a user who signed in with `nonce`': () => access({ nonce: 'n-1', at_hash: 'abc' }),
    'without the group': () => access({ groups: [] }),
    'an ID token': () => id({ nonce: 'n-1', at_hash: 'abc' }),
    'of another application': () => access({ iss: 'https://auth.example.com/application/o/invoices/' }),
    'for another client': () => access({ aud: 'other', azp: 'other' }),
    'a refresh token': () => 'c'.repeat(128),
  }
}
