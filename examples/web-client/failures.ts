import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { isProblemName, Problem } from './problems.ts'

/** The problem in an error of openid-client. */
export function problemIn(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  // RFC 6749 §4.1.2.1
  if (thrown instanceof AuthorizationResponseError) return named('authorization', thrown.error)
  // RFC 6749 §5.2
  if (thrown instanceof ResponseBodyError) {
    return thrown.status >= 500
      ? new Problem('provider_unavailable', String(thrown.status))
      : named('token', thrown.error)
  }
  if (thrown instanceof WWWAuthenticateChallengeError) {
    return named('token', thrown.cause[0]?.parameters.error ?? 'invalid_client')
  }
  if (thrown instanceof ClientError) {
    const status = thrown.cause instanceof Response ? thrown.cause.status : 0
    const isDown = status >= 500 || thrown.code === 'OAUTH_TIMEOUT' || thrown.code === 'OAUTH_ABORT'
    return new Problem(isDown ? 'provider_unavailable' : 'invalid_response', thrown.code)
  }
  if (isNetworkFailure(thrown)) return new Problem('provider_unavailable', 'network')
  throw thrown
}

function named(kind: 'authorization' | 'token', error: string): Problem {
  const name = `${kind}.${error}`
  return isProblemName(name) ? new Problem(name, error) : new Problem(`${kind}.other`, error)
}

/** `fetch` throws a TypeError with a cause if there is no response. */
export const isNetworkFailure = (thrown: unknown): boolean =>
  (thrown instanceof TypeError && thrown.cause !== undefined) ||
  (thrown instanceof DOMException && (thrown.name === 'TimeoutError' || thrown.name === 'AbortError'))
