import { kind, type Provider, times } from './shape.ts'

// https://learn.microsoft.com/azure/active-directory-b2c/tokens-overview

const TENANT = '11111111-2222-3333-4444-555555555555'
const API = '66666666-7777-8888-9999-aaaaaaaaaaaa'
const CLIENT = 'bbbbbbbb-7777-8888-9999-aaaaaaaaaaaa'
const LOGIN = 'https://contoso.b2clogin.com'

export const b2c: Provider = async (internet) => {
  const flow = `${LOGIN}/contoso.onmicrosoft.com/B2C_1_signin`
  const tenant = await internet.authority({
    issuer: `${LOGIN}/${TENANT}/v2.0/`,
    keysAt: `${flow}/discovery/v2.0/keys`,
    metadataAt: `${flow}/v2.0/.well-known/openid-configuration`,
    keysNameAlgorithm: false,
  })
  const { iat } = times()
  const common = {
    ver: '1.0',
    nbf: iat,
    auth_time: iat,
    sub: 'cccccccc-7777-8888-9999-aaaaaaaaaaaa',
    tfp: 'B2C_1_signin',
  }
  const user = kind(tenant, { ...common, aud: API, azp: CLIENT, scp: 'orders.read' }, { typ: 'JWT' })
  return {
    'of a user': () => user(),
    'of a user who signed in with `nonce`': () => user({ nonce: 'n-1' }),
    'without the scope': () => user({ scp: 'profile.read' }),
    'of another policy': () => user({ tfp: 'B2C_1_reset' }),
    'for another API': () => user({ aud: 'dddddddd-7777-8888-9999-aaaaaaaaaaaa' }),
    'an ID token': () => user({ aud: CLIENT, azp: undefined, scp: undefined, nonce: 'n-1' }),
    'of another tenant': () => user({ iss: `${LOGIN}/00000000-0000-0000-0000-000000000000/v2.0/` }),
  }
}
