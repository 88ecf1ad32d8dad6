import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import type { TokenStatus } from '../issuers/status-list.ts'
import { monotonicNow } from '../util/runtime.ts'
import { FOREVER, type NumericDate, type Seconds } from '../util/time.ts'
import { unreferenced } from '../util/unreferenced-timer.ts'
import type { AttachedRevocation, RevocableToken } from './revocation.ts'

/** Why a watched token ended: a request with it would be refused now, or the resource server was closed. */
export type TokenEnd = 'expired' | 'revoked' | 'closed'

/** A watched token. */
export interface TokenWatch {
  /** Ends the watch without a call. */
  stop(): void
}

/** What is watched of a token. */
export type WatchableToken = RevocableToken & { readonly raw: string }

export interface TokenWatches {
  watch(token: WatchableToken, onEnd: (why: TokenEnd) => void): TokenWatch
  /** Checks all watched tokens soon. */
  changed(): void
  close(): void
}

interface Watch {
  readonly token: WatchableToken
  /** Of its issuer: after it, a request with the token would be refused. */
  tolerance: Seconds
  status: TokenStatus | undefined
  /** In milliseconds on a clock that never jumps. */
  checkStatusAt: number
  readonly onEnd: (why: TokenEnd) => unknown
}

// Milliseconds between two checks. The application's clock may differ from that of the timers.
const INTERVAL = 1000
// Many revocations at once cause one check.
const SOON = 20
// Milliseconds between two loads of a list for one token: there may be more lists than are held.
const STATUS_INTERVAL = 10_000

export type CreateTokenWatches = (
  clock: () => NumericDate,
  issuers: Issuers,
  revocation: AttachedRevocation | undefined,
) => TokenWatches

/**
 * Watches the tokens of open connections with one timer, which runs only while there are watches and does not keep the
 * process alive.
 */
export const createTokenWatches: CreateTokenWatches = (clock, issuers, revocation) => {
  const watches = new Set<Watch>()
  let isClosed = false
  const timer = unreferenced(checkAll)

  function checkAll(): void {
    const now = timeOf(clock)
    let next = INTERVAL
    const ended: [Watch, TokenEnd][] = []
    for (const watch of watches) {
      const why = endOf(watch, now)
      if (why) ended.push([watch, why])
      else next = Math.min(next, Math.max(1, (expiryOf(watch) - now) * 1000))
    }
    // Only now, because the application may watch or stop watching another token when it is notified.
    for (const [watch, why] of ended) if (remove(watch)) notify(watch, why)
    if (watches.size > 0) timer.start(next)
  }

  function endOf(watch: Watch, now: NumericDate): TokenEnd | undefined {
    const { token, tolerance, status } = watch
    if (isClosed) return 'closed'
    if (!(now < expiryOf(watch))) return 'expired'
    try {
      if (revocation?.check(token, tolerance)?.reason === 'revoked') return 'revoked'
      // Reading the list also refreshes it in the background.
      if (status?.isValid() === false && monotonicNow() >= watch.checkStatusAt) checkStatus(watch, status)
      return undefined
    } catch {
      return 'expired' // as in `timeOf`
    }
  }

  /** The list may have to be loaded. If it cannot be, the token has not ended: the list may say that it is valid. */
  async function checkStatus(watch: Watch, status: TokenStatus): Promise<void> {
    watch.checkStatusAt = FOREVER
    const refusal = await status.check().catch(() => undefined)
    watch.checkStatusAt = monotonicNow() + STATUS_INTERVAL
    if (refusal?.reason === 'status' && remove(watch)) notify(watch, 'revoked')
  }

  /** An issuer that was evicted since it verified the token is resolved again, as for a request. */
  async function findIssuer(watch: Watch): Promise<void> {
    const issuer = await issuers.select(watch.token.issuer).catch(() => undefined)
    if (!issuer || issuer instanceof Refusal) watch.tolerance = 0
    else know(watch, issuer)
  }

  /** @returns false if it has ended already */
  function remove(watch: Watch): boolean {
    const isOpen = watches.delete(watch)
    if (watches.size === 0) timer.stop()
    return isOpen
  }

  return {
    watch(token, onEnd) {
      const watch: Watch = { token, tolerance: MAX_CLOCK_TOLERANCE, status: undefined, checkStatusAt: 0, onEnd }
      const issuer = issuers.loaded(token.issuer)
      if (issuer) know(watch, issuer)
      else void findIssuer(watch)
      watches.add(watch)
      // It may have ended already.
      timer.start(1)
      return { stop: () => void remove(watch) }
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

const expiryOf = ({ token, tolerance }: Watch): NumericDate => (token.expiresAt ?? FOREVER) + tolerance

/** What a watch needs of the issuer of its token. */
function know(watch: Watch, { clockTolerance, local }: Issuer): void {
  watch.tolerance = clockTolerance
  watch.status = watch.token.format === 'jwt' ? local?.statusOf(watch.token.raw) : undefined
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
