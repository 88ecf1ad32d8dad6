import { kind, type Provider, symmetric, times } from './shape.ts'

// https://help.salesforce.com/s/articleView?id=xcloud.jwt_access_tokens.htm
// https://developer.atlassian.com/platform/forge/remote/essentials/

const ORG = 'https://example.my.salesforce.com'
const FORGE_KEYS = 'https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json'

export const salesforceAtlassian: Provider = async (internet) => {
  const org = await internet.authority({ issuer: ORG, keysAt: `${ORG}/id/keys` })
  const { iat } = times()
  const user = kind(
    org,
    { aud: [ORG], client_id: '3MVG9example', sub: 'uid:005xx0000000001', scp: 'api openid', mty: 'oauth', nbf: iat },
    { typ: 'JWT', tty: 'sfdc-core-token', ver: '1.0' },
  )
  const forge = await internet.authority({ issuer: new URL(FORGE_KEYS).origin, keysAt: FORGE_KEYS })
  const app = 'ari:cloud:ecosystem::app/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
  const invocation = kind(
    forge,
    {
      iss: 'forge/invocation-token',
      aud: app,
      nbf: iat,
      jti: 'j-1',
      app: { id: app, version: '1', environment: { type: 'PRODUCTION' } },
      context: { cloudId: 'c-1' },
      principal: '5example:11111111-2222-3333-4444-555555555555',
    },
    { typ: 'JWT' },
  )
  return {
    'a JWT of the app': () => user(),
    'a JWT of another app': () => user({ client_id: '3MVG9other' }),
    'an ID token of Salesforce': () =>
      user({ aud: '3MVG9example', client_id: undefined, nonce: 'n-1', at_hash: 'abc' }),
    'of another organization': () => user({ iss: 'https://other.my.salesforce.com' }),
    'an opaque access token': () => `00Dxx0000000001!AQ${'c'.repeat(90)}`,
    'of the Forge app': () => invocation(),
    'of another Forge app': () => invocation({ aud: 'ari:cloud:ecosystem::app/other' }),
    'an access token of OAuth 2.0 (3LO)': () =>
      invocation({ iss: 'https://auth.atlassian.com', aud: 'api.atlassian.com' }),
    'a JWT of a Connect app': () => symmetric('HS256', { iss: 'client-key', qsh: 'a'.repeat(64), ...times() }),
  }
}
