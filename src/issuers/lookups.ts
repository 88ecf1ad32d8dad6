import { LRUCache } from 'lru-cache'
import { Refusal, unavailable } from '../errors/refusal.ts'
import { deadlineTimer } from '../util/deadline-timer.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { CALL_DEADLINE } from './bounded-calls.ts'

export interface LookupLimits {
  /** Pending lookups; others wait. */
  readonly maxConcurrent: number
  /** Lookups per second that may end with a *no*. */
  readonly perSecond: number
}

/**
 * Lookups of issuers by the application's functions. Anyone can send tokens that name any issuer, so lookups are shared
 * by all requests for one issuer, their results are cached for a second, and they are limited.
 */
export interface Lookups<T> {
  /** Refused with `lookups_limited` if the limits do not allow it in time. */
  run(name: string): Promise<T | Refusal>
}

interface LookupSettings<T> {
  readonly limits: LookupLimits
  readonly size: number
  readonly lookUp: (name: string) => Promise<T | Refusal>
  /** Called for each lookup that is refused. */
  readonly onLimited: () => void
}

// Milliseconds for which a refused issuer is not looked up again.
const PAUSE = 1000

export function createLookups<T extends object>({ limits, size, lookUp, onLimited }: LookupSettings<T>): Lookups<T> {
  const refused = new LRUCache<string, Refusal>({ max: size, ttl: PAUSE })
  const pending = new Map<string, SharedWork<T | Refusal>>()
  const slots = createSlots(limits)

  async function limited(name: string): Promise<T | Refusal> {
    if (!(await slots.take())) {
      onLimited()
      return unavailable('lookups_limited', { retryAfter: 1, option: 'issuer.lookups' })
    }
    let outcome: T | Refusal | undefined
    try {
      outcome = await lookUp(name)
      if (outcome instanceof Refusal) refused.set(name, outcome)
      return outcome
    } finally {
      slots.release(outcome instanceof Refusal && outcome.status === 401)
    }
  }

  return {
    async run(name) {
      const refusal = refused.get(name)
      if (refusal) return refusal
      const existing = pending.get(name)
      if (existing && !existing.isAbandoned()) return existing.outcome()
      const started = startSharedWork<T | Refusal>(
        () => limited(name),
        MAX_DURATION,
        () => unavailable('issuer_unavailable'),
        (self) => {
          if (pending.get(name) === self) pending.delete(name)
        },
      )
      pending.set(name, started)
      return started.outcome()
    },
  }
}

// Waiting for a slot, the allow-list, and the options.
const MAX_DURATION = 3 * CALL_DEADLINE

interface Slots {
  /** False if no slot became free in time. */
  take(): Promise<boolean>
  /** @param isNo whether the lookup found that the issuer is not trusted */
  release(isNo: boolean): void
}

/** Slots for concurrent lookups. Each *no* uses up one of so many per second, which refill steadily. */
function createSlots({ maxConcurrent, perSecond }: LookupLimits): Slots {
  const waiting = new Set<(isTaken: boolean) => void>()
  let running = 0
  let nos = 0
  let countedAt = monotonicNow()
  let timer: ReturnType<typeof setTimeout> | undefined

  function refill(): void {
    const now = monotonicNow()
    nos = Math.max(0, nos - ((now - countedAt) / 1000) * perSecond)
    countedAt = now
  }

  /** Each running lookup may become a *no*. */
  const mayRun = (): boolean => running < maxConcurrent && nos < perSecond

  function next(): void {
    refill()
    for (const start of waiting) {
      if (!mayRun()) break
      waiting.delete(start)
      running++
      start(true)
    }
    if (waiting.size > 0 && running < maxConcurrent && timer === undefined) {
      timer = setTimeout(
        () => {
          timer = undefined
          next()
        },
        Math.ceil(((nos - perSecond + 1) / perSecond) * 1000),
      )
    }
  }

  return {
    async take() {
      refill()
      if (waiting.size === 0 && mayRun()) {
        running++
        return true
      }
      return new Promise((resolve) => {
        const time = deadlineTimer(CALL_DEADLINE, () => {
          waiting.delete(start)
          resolve(false)
        })
        const start = (isTaken: boolean) => {
          time.stop()
          resolve(isTaken)
        }
        waiting.add(start)
        next()
      })
    },
    release(isNo) {
      running--
      refill()
      if (isNo) nos++
      next()
    },
  }
}
