import { kind, type Makers, type Provider } from './shape.ts'

// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference

const API = '66666666-7777-8888-9999-aaaaaaaaaaaa'
const TENANT = '11111111-2222-3333-4444-555555555555'
const LOGIN = 'https://login.microsoftonline.com'

const v2 = (tenant: string) => ({ issuer: `${LOGIN}/${tenant}/v2.0`, keysAt: `${LOGIN}/${tenant}/discovery/v2.0/keys` })

const common = {
  oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
  tid: TENANT,
  uti: 'uti',
  rh: 'rh',
  sub: 'pairwise-subject',
}
const ofUser = { ...common, aud: API, azp: 'web-client', azpacr: '0', scp: 'Orders.Read', ver: '2.0', name: 'Alice' }

export const entraId: Provider = async (internet) => {
  const tenant = await internet.authority({ ...v2(TENANT), keysNameAlgorithm: false })
  const old = await internet.authority({
    issuer: `https://sts.windows.net/${TENANT}/`,
    keysAt: `${LOGIN}/${TENANT}/discovery/keys`,
    keysNameAlgorithm: false,
  })
  const customer = await internet.authority({
    ...v2('99999999-2222-3333-4444-555555555555'),
    keysNameAlgorithm: false,
  })
  // The key set of all tenants together; its metadata has a template instead of an issuer.
  await internet.authority({
    issuer: `${LOGIN}/{tenantid}/v2.0`,
    metadataAt: `${LOGIN}/organizations/v2.0/.well-known/openid-configuration`,
    keysAt: `${LOGIN}/organizations/discovery/v2.0/keys`,
    keysNameAlgorithm: false,
  })
  const user = kind(tenant, ofUser, { typ: 'JWT' })
  const v1 = kind(
    old,
    { ...common, aud: `api://${API}`, appid: 'web-client', appidacr: '0', ver: '1.0' },
    { typ: 'JWT' },
  )
  const makers: Makers = {
    'v2.0 of a user': () => user(),
    'v2.0 of a daemon': () =>
      user({ scp: undefined, roles: ['Orders.Read.All'], azp: 'daemon', azpacr: '1', idtyp: 'app' }),
    'v1.0 of a user': () => v1({ scp: 'Orders.Read', upn: 'alice@example.com' }),
    'without the scope': () => user({ scp: 'Profile.Read' }),
    'of another tenant': () => user({ iss: `${LOGIN}/00000000-0000-0000-0000-000000000000/v2.0` }),
    'for Microsoft Graph': () =>
      v1({ aud: '00000003-0000-0000-c000-000000000000', scp: 'User.Read' }, { nonce: 'n-1' }),
    'an ID token with `nonce`': () => user({ scp: undefined, azp: undefined, nonce: 'n-1' }),
    "an ID token without `nonce`, for the API's own app registration": () => user({ scp: undefined, azp: undefined }),
    'of a second customer': () => kind(customer, ofUser, { typ: 'JWT' })(),
  }
  return makers
}
