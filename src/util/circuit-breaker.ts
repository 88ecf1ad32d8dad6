import { monotonicNow } from './runtime.ts'
import type { Seconds } from './time.ts'

export interface BreakerSettings {
  /** Failures in a row after which it opens. */
  readonly failures: number
  /** How long it stays open at first; doubles with each probe that fails. */
  readonly delay: Seconds
  readonly maxDelay: Seconds
}

/** `closed`: attempts are free. `open`: none are made. `half_open`: one at a time, to see. */
export type BreakerStatus = 'closed' | 'open' | 'half_open'

/** One attempt that may be made; exactly one of its methods is called when it is over. */
export interface Attempt {
  succeeded(): void
  /** @param retryAfter seconds for which the upstream asked us to wait */
  failed(retryAfter?: Seconds): void
  /** It says nothing about the health of the upstream. */
  unclear(): void
}

const MAX_RETRY_AFTER = 3600

/**
 * Keeps us from calling an upstream that does not respond: that costs both sides time, and helps no one. It has no timers;
 * the first attempt after the pause is the probe.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  /** Milliseconds after which an attempt without a result is abandoned. */
  readonly #timeout: number
  readonly #changed: (status: BreakerStatus, retryIn: Seconds) => void
  #status: BreakerStatus = 'closed'
  #failures = 0
  #openings = 0
  #openUntil = Number.NEGATIVE_INFINITY
  #probeAbandonedAt = Number.NEGATIVE_INFINITY
  /** Changes with the status: what an attempt from before says is old news. */
  #era = 0

  constructor(settings: BreakerSettings, timeout: number, changed: (status: BreakerStatus, retryIn: Seconds) => void) {
    this.#settings = settings
    this.#timeout = timeout
    this.#changed = changed
  }

  get status(): BreakerStatus {
    return this.#status
  }

  /** Seconds until an attempt may be made; 0 where nothing stands against one. */
  retryIn(): Seconds {
    if (this.#status === 'closed') return 0
    const end = this.#status === 'open' ? this.#openUntil : this.#probeAbandonedAt
    return Math.max(0, end - monotonicNow()) / 1000
  }

  /** Leave to make an attempt, or `undefined`. */
  attempt(): Attempt | undefined {
    if (this.#status !== 'closed') {
      // One probe at a time. One that never reports back must not hold the place for ever.
      if (this.retryIn() > 0) return undefined
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
        // The next one may probe at once.
        this.#probeAbandonedAt = Number.NEGATIVE_INFINITY
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
    const { failures, delay: pause, maxDelay: pauseLimit } = this.#settings
    const asked = Math.min(retryAfter ?? 0, MAX_RETRY_AFTER)
    const isDue = this.#status !== 'closed' || this.#failures >= failures
    if (!isDue && asked === 0) return
    const own = isDue ? Math.min(pause * 2 ** Math.min(this.#openings++, 30), pauseLimit) : 0
    // Up to a tenth sooner, so that a fleet does not come back as one.
    this.#openUntil = monotonicNow() + Math.max(own * (1 - Math.random() * 0.1), asked) * 1000
    this.#turn('open')
  }

  /** Old news, but for how long we were asked to stay away. */
  #extend(retryAfter: Seconds | undefined): void {
    if (this.#status !== 'open') return
    const asked = Math.min(retryAfter ?? 0, MAX_RETRY_AFTER) * 1000
    this.#openUntil = Math.max(this.#openUntil, monotonicNow() + asked)
  }

  #turn(status: BreakerStatus): void {
    const isNews = this.#status !== status
    this.#status = status
    this.#era++
    if (isNews) this.#changed(status, this.retryIn())
  }
}
