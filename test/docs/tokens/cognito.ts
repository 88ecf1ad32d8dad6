import type { Internet } from '../internet.ts'
import { encrypted, kind, type Makers, type Provider } from './shape.ts'

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html

const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI'

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html
const UPDATED = 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI'

export const cognito: Provider = (internet) => tokensOf(internet, ISSUER)
export const updatedCognito: Provider = (internet) => tokensOf(internet, UPDATED)

async function tokensOf(internet: Internet, issuer: string): Promise<Makers> {
  const pool = await internet.authority({ issuer, keysAt: `${issuer}/.well-known/jwks.json` })
  const user = kind(pool, {
    sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    client_id: '1example23456789',
    origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff',
    event_id: 'aaaaaaaa-bbbb-cccc-dddd-000000000000',
    token_use: 'access',
    scope: 'openid orders-api/read',
    auth_time: 1_676_313_851,
    version: 2,
    jti: 'aaaaaaaa-bbbb-cccc-dddd-111111111111',
    username: 'alice',
  })
  return {
    'of a user': () => user(),
    'of a machine': () =>
      user({ sub: '2example23456789', client_id: '2example23456789', username: undefined, scope: 'orders-api/read' }),
    'of a user in the group': () => user({ 'cognito:groups': ['support'] }),
    'of another app client': () => user({ client_id: '9example23456789' }),
    'of the SDK sign-in': () => user({ scope: 'aws.cognito.signin.user.admin' }),
    'an ID token': () => user({ token_use: 'id', aud: '1example23456789', client_id: undefined, scope: undefined }),
    'of another user pool': () => user({ iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ZzZzZzZzZ' }),
    'a refresh token': () => encrypted({ cty: 'JWT', enc: 'A256GCM', alg: 'RSA-OAEP' }),
  }
}
