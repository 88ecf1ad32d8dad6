import { monotonicNow } from './runtime.ts'
import { LONG_AGO, type Seconds } from './time.ts'

export interface BreakerSettings {
  /** Failures in a row after which it opens. */
  readonly failures: number
  /** How long it stays open at first; doubles with each probe that fails. */
  readonly delay: Seconds
  readonly maxDelay: Seconds
}

/** `closed`: attempts are allowed. `open`: none are made. `half_open`: one probe at a time. */
export type BreakerStatus = 'closed' | 'open' | 'half_open'

/** An allowed attempt. Call exactly one of its methods when it ends. */
export interface Attempt {
  succeeded(): void
  /** @param retryAfter seconds for which the upstream asked us to wait */
  failed(retryAfter?: Seconds): void
  /** The outcome says nothing about the health of the upstream. */
  unclear(): void
}

const MAX_RETRY_AFTER = 60

/**
 * Stops calls to an upstream that does not respond. It has no timers: the first attempt after the delay is the probe.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  /** Milliseconds after which an attempt without a result is abandoned. */
  readonly #timeout: number
  readonly #changed: (status: BreakerStatus, retryIn: Seconds) => void
  #status: BreakerStatus = 'closed'
  #failures = 0
  #openings = 0
  #openUntil = LONG_AGO
  /** The end of the time for which the upstream asked us to wait. */
  #requestedUntil = LONG_AGO
  #probeAbandonedAt = LONG_AGO
  /** Incremented with each change of status, so that the outcomes of earlier attempts are ignored. */
  #era = 0

  constructor(settings: BreakerSettings, timeout: number, changed: (status: BreakerStatus, retryIn: Seconds) => void) {
    this.#settings = settings
    this.#timeout = timeout
    this.#changed = changed
  }

  get status(): BreakerStatus {
    return this.#status
  }

  /** Seconds until the next attempt is allowed; 0 if it is allowed now. */
  retryIn(): Seconds {
    if (this.#status === 'closed') return 0
    const end = this.#status === 'open' ? this.#openUntil : this.#probeAbandonedAt
    return Math.max(0, end - monotonicNow()) / 1000
  }

  /**
   * True if no attempt is allowed now.
   *
   * @param isEarly whether an attempt makes sense before the delay is over, unless the upstream asked us to wait
   */
  isBlocked(isEarly = false): boolean {
    if (isEarly && this.#status === 'open') return monotonicNow() < this.#requestedUntil
    return this.retryIn() > 0
  }

  /** An attempt, or `undefined` if none is allowed now. */
  attempt(isEarly = false): Attempt | undefined {
    // One probe at a time. A probe that never ends must not block others forever.
    if (this.isBlocked(isEarly)) return undefined
    if (this.#status !== 'closed') {
      this.#probeAbandonedAt = monotonicNow() + this.#timeout
      this.#turn('half_open')
    }
    const era = this.#era
    const report = (settle: () => void) => () => {
      if (era === this.#era) settle()
    }
    return {
      succeeded: report(() => this.#close()),
      failed: (retryAfter) => {
        if (era === this.#era) this.#fail(retryAfter)
        else this.#extend(retryAfter)
      },
      unclear: report(() => {
        // The next attempt may probe immediately.
        this.#probeAbandonedAt = LONG_AGO
      }),
    }
  }

  #close(): void {
    this.#failures = 0
    this.#openings = 0
    if (this.#status !== 'closed') this.#turn('closed')
  }

  #fail(retryAfter: Seconds | undefined): void {
    this.#failures++
    const { failures, delay, maxDelay } = this.#settings
    const requested = this.#wait(retryAfter)
    const opens = this.#status !== 'closed' || this.#failures >= failures
    if (!opens && requested === 0) return
    const own = opens ? Math.min(delay * 2 ** Math.min(this.#openings++, 30), maxDelay) : 0
    // Up to a tenth earlier, so that a fleet does not retry all at once.
    this.#openUntil = monotonicNow() + Math.max(own * (1 - Math.random() * 0.1), requested) * 1000
    this.#turn('open')
  }

  /** The outcome of an earlier attempt is ignored, except for its `Retry-After`. */
  #extend(retryAfter: Seconds | undefined): void {
    if (this.#status !== 'open') return
    this.#openUntil = Math.max(this.#openUntil, monotonicNow() + this.#wait(retryAfter) * 1000)
  }

  /** The seconds for which we wait because the upstream asked us to. */
  #wait(retryAfter: Seconds = 0): Seconds {
    const wait = Math.min(retryAfter, MAX_RETRY_AFTER)
    this.#requestedUntil = Math.max(this.#requestedUntil, monotonicNow() + wait * 1000)
    return wait
  }

  #turn(status: BreakerStatus): void {
    const isChanged = this.#status !== status
    this.#status = status
    this.#era++
    if (isChanged) this.#changed(status, this.retryIn())
  }
}
