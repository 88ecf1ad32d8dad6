import type { NumericDate, Seconds } from '../util/time.ts'
import { unreferenced } from '../util/unreferenced-timer.ts'
import type { RevocableToken } from './revocation.ts'

/** Why a watched token ended: a request with it would be refused now, or the resource server was closed. */
export type TokenEnd = 'expired' | 'revoked' | 'closed'

/** A watched token. */
export interface TokenWatch {
  /** Ends the watch without a call. */
  stop(): void
}

export interface TokenWatches {
  watch(token: RevocableToken, onEnd: (why: TokenEnd) => void): TokenWatch
  /** Checks all watched tokens soon. */
  changed(): void
  close(): void
}

interface Watch {
  readonly token: RevocableToken
  /** When a request with the token would be refused. */
  readonly end: NumericDate
  readonly tolerance: Seconds
  readonly onEnd: (why: TokenEnd) => unknown
}

// Milliseconds between two checks. The application's clock may differ from that of the timers.
const INTERVAL = 1000
// Many revocations at once cause one check.
const SOON = 20

/**
 * Watches the tokens of open connections with one timer, which runs only while there are watches and does not keep the
 * process alive.
 */
export function createTokenWatches(
  clock: () => NumericDate,
  toleranceOf: (issuer: string) => Seconds,
  isRevoked: (token: RevocableToken, clockTolerance: Seconds) => boolean,
): TokenWatches {
  const watches = new Set<Watch>()
  let isClosed = false
  const timer = unreferenced(checkAll)

  function checkAll(): void {
    const now = timeOf(clock)
    let next = INTERVAL
    for (const watch of watches) {
      const why = endOf(watch, now)
      if (why) {
        watches.delete(watch)
        notify(watch, why)
      } else next = Math.min(next, Math.max(1, (watch.end - now) * 1000))
    }
    if (watches.size > 0) timer.start(next)
  }

  function endOf({ token, end, tolerance }: Watch, now: NumericDate): TokenEnd | undefined {
    if (isClosed) return 'closed'
    if (!(now < end)) return 'expired'
    return isRevoked(token, tolerance) ? 'revoked' : undefined
  }

  return {
    watch(token, onEnd) {
      const tolerance = toleranceOf(token.issuer)
      const end = (token.expiresAt ?? Number.POSITIVE_INFINITY) + tolerance
      const watch = { token, end, tolerance, onEnd }
      watches.add(watch)
      // It may have ended already.
      timer.start(1)
      return {
        stop() {
          watches.delete(watch)
          if (watches.size === 0) timer.stop()
        },
      }
    },
    changed() {
      if (watches.size > 0) timer.start(SOON)
    },
    close() {
      isClosed = true
      if (watches.size > 0) timer.start(1)
    },
  }
}

/** A clock of the application that fails ends all watches: it would fail each request. */
function timeOf(clock: () => NumericDate): NumericDate {
  try {
    return clock()
  } catch {
    return Number.NaN
  }
}

/** An error of the application must not keep other connections open. */
function notify({ onEnd }: Watch, why: TokenEnd): void {
  try {
    Promise.resolve(onEnd(why)).catch(() => undefined)
  } catch {
    // As above.
  }
}
