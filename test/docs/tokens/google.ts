import { kind, type Provider } from './shape.ts'

// https://cloud.google.com/run/docs/authenticating/service-to-service
// https://cloud.google.com/iap/docs/signed-headers-howto

const API = 'https://api.example.com'
const ROBOT = 'orders-client@my-project-1.iam.gserviceaccount.com'

export const google: Provider = async (internet) => {
  const accounts = await internet.authority({
    issuer: 'https://accounts.google.com',
    keysAt: 'https://www.googleapis.com/oauth2/v3/certs',
  })
  const id = '104029292929292929292'
  const robot = kind(accounts, { aud: API, azp: id, sub: id, email: ROBOT, email_verified: true }, { typ: 'JWT' })
  const client = '1234567890-abc.apps.googleusercontent.com'
  return {
    'of the service account': () => robot(),
    'of another service account': () => robot({ email: 'someone@other-project-2.iam.gserviceaccount.com' }),
    'for another service': () => robot({ aud: 'https://invoices-abc123-ew.a.run.app' }),
    'an ID token of a user': () => robot({ aud: client, azp: client, email: 'alice@gmail.com', at_hash: 'abc' }),
    'an OAuth access token': () => `ya29.${'c'.repeat(120)}`,
    'the signed header of Identity-Aware Proxy': () =>
      robot({ iss: 'https://cloud.google.com/iap', aud: '/projects/1234567890/global/backendServices/12345' }),
  }
}
