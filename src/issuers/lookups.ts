import { LRUCache } from 'lru-cache'
import { Refusal, unavailable } from '../errors/refusal.ts'
import { monotonicNow } from '../util/runtime.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { createSlots } from '../util/slots.ts'
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
  const slots = createLookupSlots(limits)

  async function limited(name: string): Promise<T | Refusal> {
    const release = await slots.take()
    if (!release) {
      onLimited()
      return unavailable('lookups_limited', { retryAfter: 1, option: 'issuer.lookups' })
    }
    let outcome: T | Refusal | undefined
    try {
      outcome = await lookUp(name)
      if (outcome instanceof Refusal) refused.set(name, outcome)
      return outcome
    } finally {
      release(outcome instanceof Refusal && outcome.status === 401)
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

interface LookupSlots {
  /** @returns a function that releases the slot, and gets whether the issuer is not trusted; `undefined` if none was free */
  take(): Promise<((isNo: boolean) => void) | undefined>
}

/** Slots for concurrent lookups. Each *no* uses up one of so many per second, which refill steadily. */
function createLookupSlots({ maxConcurrent, perSecond }: LookupLimits): LookupSlots {
  let nos = 0
  let countedAt = monotonicNow()
  let isScheduled = false

  function refill(): void {
    const now = monotonicNow()
    nos = Math.max(0, nos - ((now - countedAt) / 1000) * perSecond)
    countedAt = now
  }

  const slots = createSlots((running) => {
    refill()
    if (running >= maxConcurrent) return false
    // Each running lookup may become a *no*.
    if (nos < perSecond) return true
    if (!isScheduled) setTimeout(resume, Math.ceil(((nos - perSecond + 1) / perSecond) * 1000))
    isScheduled = true
    return false
  }, MAX_DURATION)

  function resume(): void {
    isScheduled = false
    slots.next()
  }

  return {
    async take() {
      const release = await slots.take(CALL_DEADLINE)
      return (
        release &&
        ((isNo) => {
          refill()
          if (isNo) nos++
          release()
        })
      )
    },
  }
}
