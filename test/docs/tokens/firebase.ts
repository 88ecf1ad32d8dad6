import { kind, type Provider, symmetric, times } from './shape.ts'

// https://firebase.google.com/docs/auth/admin/verify-id-tokens

const PROJECT = 'my-project-1'
const ISSUER = `https://securetoken.google.com/${PROJECT}`

export const firebase: Provider = async (internet) => {
  const project = await internet.authority({
    issuer: ISSUER,
    keysAt: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  })
  const user = kind(
    project,
    {
      aud: PROJECT,
      auth_time: times().iat,
      user_id: 'aZ4example28characters0000001',
      sub: 'aZ4example28characters0000001',
      email: 'alice@example.com',
      email_verified: true,
      firebase: { identities: { email: ['alice@example.com'] }, sign_in_provider: 'password' },
    },
    { typ: 'JWT' },
  )
  return {
    'an ID token of a user': () => user(),
    'of a user with the claim': () => user({ support: true }),
    'of an anonymous user': () =>
      user({
        email: undefined,
        email_verified: undefined,
        provider_id: 'anonymous',
        firebase: { sign_in_provider: 'anonymous' },
      }),
    'of a user of a tenant of Identity Platform': () =>
      user({ firebase: { identities: {}, sign_in_provider: 'password', tenant: 'customer-1-ab1cd' } }),
    'of another project': () => user({ iss: 'https://securetoken.google.com/other-project-2', aud: 'other-project-2' }),
    'a session cookie': () => user({ iss: `https://session.firebase.google.com/${PROJECT}` }),
    'a custom token': () =>
      user({
        iss: `firebase-adminsdk@${PROJECT}.iam.gserviceaccount.com`,
        aud: 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit',
      }),
    'of the emulator': async () => {
      const token = await symmetric('HS256', { iss: ISSUER, aud: PROJECT, ...times() })
      const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
      return `${header}.${token.split('.')[1]}.`
    },
  }
}
