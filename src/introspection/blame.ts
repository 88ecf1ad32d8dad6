import { LRUCache } from 'lru-cache'
import type { UpstreamError, UpstreamErrorCode } from '../upstream/upstream-error.ts'
import { monotonicNow } from '../util/runtime.ts'
import { LONG_AGO, type Seconds } from '../util/time.ts'

/**
 * Whether a failure is the server's, or only about one token. A server may respond 500 to made-up tokens: if those
 * failures opened the circuit breaker, anyone could stop the introspection of all tokens.
 */
export interface Blame {
  succeeded(): void
  /** True if the server has failed, and not only for this token. */
  isServers(error: UpstreamError, token: IntrospectedToken): boolean
  /** The token failed, and then others go first for a while. @param pause seconds until the next request */
  failed(token: IntrospectedToken, pause: Seconds): void
  justFailed(token: IntrospectedToken): boolean
  /** Whether the request may be repeated. Not for a 500 while the server responds so to tokens that may be made up. */
  mayRetry(error: UpstreamError, token: IntrospectedToken): boolean
  /** True if the server may work for this token although others have failed. */
  mayWorkFor(token: IntrospectedToken): boolean
}

/** A token that is to be introspected. */
export interface IntrospectedToken {
  readonly digest: string
  /** The issuer has called it active before, or has signed it: it is not made up. */
  readonly isSeen: boolean
}

const MAX_FAILED = 1000

// Milliseconds: in which a server with errors may respond to another token; in which others precede one that failed; in
// which a 500 is expected after another one.
const GRACE = 5000
const PRECEDENCE = 1000
const EXPECTED = 1000

export function createBlame(): Blame {
  // Created on first use: most servers never fail.
  let failed: LRUCache<string, number> | undefined
  let failingSince: number | undefined
  let seenFailed = false
  /** Until when a 500 for a token that may be made up is expected. */
  let errorsUntil = LONG_AGO

  const justFailed = ({ digest }: IntrospectedToken) => (failed?.get(digest) ?? 0) > monotonicNow()

  return {
    succeeded() {
      failingSince = undefined
      seenFailed = false
    },
    isServers(error, token) {
      if (isUnclear(error)) return false
      failingSince ??= monotonicNow()
      if (token.isSeen && !justFailed(token)) {
        seenFailed = true
        return true
      }
      if (error.status === 500) errorsUntil = monotonicNow() + EXPECTED
      // Unlike a timeout it costs no one time, so that another token may show that the server works.
      return error.status !== 500 || monotonicNow() - failingSince >= GRACE
    },
    failed({ digest }, pause) {
      failed ??= new LRUCache({ max: MAX_FAILED })
      failed.set(digest, monotonicNow() + pause * 1000 + PRECEDENCE)
    },
    justFailed,
    mayRetry: ({ status }, token) => token.isSeen || status !== 500 || monotonicNow() >= errorsUntil,
    mayWorkFor: (token) => token.isSeen && !seenFailed && !justFailed(token),
  }
}

/** The token or our request may have caused it, whatever the token is. */
function isUnclear({ code, status }: UpstreamError): boolean {
  if (UNCLEAR.includes(code)) return true
  return status !== undefined && status >= 400 && status < 500 && ![401, 408, 429].includes(status)
}

const UNCLEAR: readonly UpstreamErrorCode[] = ['claims', 'too_large']
