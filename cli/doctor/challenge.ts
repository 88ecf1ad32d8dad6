import { BearwardError, type ResourceServer, scope } from 'bearward'
import { type Finding, ok } from './finding.ts'

/** Reports the challenge for a request without a token, and the metadata URL (RFC 6750 §3, RFC 9728 §5.1). */
export async function showChallenge(server: ResourceServer, scopes: readonly string[]): Promise<readonly Finding[]> {
  const [first, ...others] = scopes
  const guards = first === undefined ? [] : [scope(first, ...others)]
  const request = { native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined }
  try {
    await server.authenticate(request, guards)
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) throw thrown
    return [
      ok('challenge', `without a token: ${thrown.status}, WWW-Authenticate: ${thrown.headers['WWW-Authenticate']}`),
      ok('challenge', `the metadata URL of the API is ${server.metadata.url}`),
    ]
  }
  throw new Error('a request without a token was accepted')
}
