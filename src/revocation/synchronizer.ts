import type { RevocationRecord, RevocationStore } from '../stores/revocation-store.ts'
import type { RecordSealer } from '../stores/sealed-records.ts'
import { monotonicNow } from '../util/runtime.ts'
import { LONG_AGO, type NumericDate, type Seconds } from '../util/time.ts'
import { unreferenced } from '../util/unreferenced-timer.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type Change, readChange, writeChange } from './record.ts'
import type { RevocationIndex } from './revocation-index.ts'
import { SizeError } from './size-error.ts'

/** Keeps the index of this process and a store alike. */
export interface Synchronizer {
  /** Reads what is new, now and from time to time. */
  start(): void
  stop(): void
  /**
   * Reads what is new.
   *
   * @throws {Error} if the store cannot be read
   */
  refresh(): Promise<void>
  /**
   * Adds a change to the store.
   *
   * @param size how many records the store may hold after it
   * @throws {SizeError} if the store is full
   * @throws {Error} if it cannot be written
   */
  write(change: Change, size?: number): Promise<void>
  /** The first read, while it is pending. It never rejects. */
  readonly loading: Promise<void> | undefined
  /** The next read, if the process did not run for a while, so that nothing is known against the store. It never rejects. */
  catchUp(): Promise<void> | undefined
  /** Seconds since the store was last read; `undefined` if it never was. */
  age(): Seconds | undefined
  /** Whether the last attempt to read failed. */
  readonly isFailing: boolean
}

export interface SynchronizerParts {
  readonly store: RevocationStore
  readonly sealer: RecordSealer
  readonly index: RevocationIndex
  readonly now: () => NumericDate
  /** Applies a change that the store has; true if it is new. */
  apply(change: Change): boolean
  /** Called after each attempt. */
  attempted(outcome: { readonly invalid: number; readonly error: unknown }): void
}

// Milliseconds. A notification that is missed delays a revocation by less than a second.
const INTERVAL = 500
const INTERVAL_AT_START = 100
// Longer than the deadline of requests, which do not wait for it.
const DEADLINE = 2000
// How long requests wait for the first read after the start.
const MAX_WAIT = 2000
const BATCH = 200
// Between the beginnings of two attempts, and until the second one has ended, there is less time than this.
const MAX_GAP = 5000
// How long requests wait where there was more.
const MAX_CATCH_UP = 300
// Seconds by which the wall clock is set back, and not only slowed down.
const SET_BACK = 1

export function createSynchronizer({ store, sealer, index, now, apply, attempted }: SynchronizerParts): Synchronizer {
  let cursor: string | undefined
  /** While the store is read from the beginning: the entries and removals that it has. */
  let present: Set<string> | undefined = new Set()
  /** What the store has lost, as far as it has been looked for. Those before `next` are there again. */
  let backlog: readonly Change[] = []
  let next = 0
  let readAt: number | undefined
  let isFailing = false
  let pending: Promise<void> | undefined
  let again = false
  let startedAt = 0
  /** When the last attempt that has ended began. */
  let triedAt = LONG_AGO
  /** By how much the wall clock is ahead of the one that never jumps, in seconds, at the last read. */
  let ahead = LONG_AGO
  let hasGivenUp = false
  let unsubscribe: (() => void) | undefined
  const timer = unreferenced(() => void poll().catch(() => undefined))

  let loaded = (): void => undefined
  let firstRead = nextRead()

  /** A timer may end a millisecond before the time by the clock, which is no reason to wait a second time. */
  const giveUp = () => {
    hasGivenUp = true
  }

  function nextRead(): Promise<void> {
    return new Promise((resolve) => {
      loaded = resolve
    })
  }

  /** One at a time. A notification during a read causes another one, since it may have come too late for the first. */
  function poll(): Promise<void> {
    if (pending) {
      again = true
      return pending
    }
    again = false
    pending = readAll().finally(() => {
      pending = undefined
      if (startedAt > 0) timer.start(again ? 1 : readAt === undefined ? INTERVAL_AT_START : INTERVAL)
    })
    return pending
  }

  /** What was read while the wall clock was ahead may have been taken for ended: it is read again. */
  function noticeClock(start: number): void {
    const before = ahead
    ahead = now() - start / 1000
    if (ahead >= before - SET_BACK) return
    cursor = undefined
    // Without a cursor, the store does not say that it has lost something.
    compareFromBeginning()
  }

  function compareFromBeginning(): void {
    present = new Set()
    backlog = []
  }

  async function readAll(): Promise<void> {
    const start = monotonicNow()
    const result = { invalid: 0, error: undefined as unknown }
    let written: string | undefined
    try {
      noticeClock(start)
      // Where nothing is revoked and no one asks for the state, nothing else deletes what has ended.
      index.sweep(now())
      for (;;) {
        const { more, invalid } = await readPage()
        result.invalid += invalid
        if (more) continue
        readAt = start
        isFailing = false
        loaded()
        if (!present) break
        const batch = missing(present)
        const [first] = batch
        if (!first) present = undefined
        // A store that does not keep what is written back gets it again with the next read, not at once and for ever.
        if (!first || keyOf(first) === written) break
        written = keyOf(first)
        await writeBack(batch)
      }
    } catch (thrown) {
      isFailing = true
      result.error = thrown
      throw thrown
    } finally {
      triedAt = start
      attempted(result)
    }
  }

  async function readPage() {
    const page = await within(store.read(cursor))
    if (page.lost) compareFromBeginning()
    let invalid = 0
    for (const record of page.records) {
      const text = typeof record === 'string' ? await sealer.open(record) : undefined
      const change = text === undefined ? undefined : readChange(text)
      if (!change) invalid++
      else {
        apply(change)
        present?.add(keyOf(change))
      }
    }
    cursor = page.cursor
    return { more: page.more, invalid }
  }

  /**
   * Some of what the store has lost. Each change is looked at twice in all: with many, their number for each batch
   * takes minutes.
   */
  function missing(has: ReadonlySet<string>): readonly Change[] {
    const isMissing = (change: Change | undefined) => change !== undefined && !has.has(keyOf(change))
    const take = () => {
      while (next < backlog.length && !isMissing(backlog[next])) next++
      return backlog.slice(next, next + BATCH).filter(isMissing)
    }
    const batch = take()
    if (batch.length > 0) return batch
    // At the start, and at the end, since others may have been added meanwhile.
    backlog = index.changes(now()).filter(isMissing)
    next = 0
    return take()
  }

  /**
   * Adds what the store has lost. Other processes may do the same at the same time, so a batch is added only if everything
   * in the store has been read; otherwise it is read first.
   */
  async function writeBack(batch: readonly Change[]): Promise<void> {
    await within(store.add(await Promise.all(batch.map(recordOf)), { cursor: cursor ?? '' }))
  }

  async function recordOf(change: Change): Promise<RevocationRecord> {
    const { expiresAt } = 'added' in change ? change.added : change
    return { text: await sealer.seal(writeChange(change)), expiresAt }
  }

  async function refresh(): Promise<void> {
    // A read that has begun may miss what was added since.
    if (pending) await pending.catch(() => undefined)
    await poll()
  }

  return {
    start() {
      if (startedAt > 0) return
      startedAt = monotonicNow()
      triedAt = startedAt
      hasGivenUp = false
      // What was read before it was stopped may be from long ago.
      if (readAt !== undefined && startedAt - readAt > MAX_WAIT) {
        readAt = undefined
        firstRead = nextRead()
      }
      try {
        unsubscribe = store.subscribe?.(() => {
          if (startedAt > 0) poll().catch(() => undefined)
        })
      } catch {
        // Without notifications, the store is read at intervals.
      }
      poll().catch(() => undefined)
    },
    stop() {
      startedAt = 0
      timer.stop()
      try {
        unsubscribe?.()
      } catch {
        // What else is closed must not depend on the store.
      }
      unsubscribe = undefined
    },
    refresh,
    async write(change, size) {
      const record = await recordOf(change)
      const outcome = await within(store.add([record], size === undefined ? {} : { size }))
      if (outcome === 'full') throw new SizeError(size ?? 0)
    },
    get loading() {
      if (readAt !== undefined || startedAt === 0 || hasGivenUp) return undefined
      const left = startedAt + MAX_WAIT - monotonicNow()
      return left > 0 ? withTimeout(left, firstRead, giveUp) : undefined
    },
    catchUp() {
      if (startedAt === 0 || monotonicNow() - triedAt < MAX_GAP) return undefined
      const ignore = () => undefined
      // Each request has its own timer: where runtimes stop work with its request, none waits for another one's for ever.
      return withTimeout(MAX_CATCH_UP, refresh().catch(ignore), ignore)
    },
    age: () => (readAt === undefined ? undefined : (monotonicNow() - readAt) / 1000),
    get isFailing() {
      return isFailing
    },
  }
}

/** Removing an entry is a change of its own. */
const keyOf = (change: Change): string => ('added' in change ? change.added.id : `-${change.removed}`)

/** The outcome of a call of the store, which may hang. */
function within<T>(call: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = unreferenced(() => reject(new Error('bearward: the revocation store did not respond in time')))
    timer.start(DEADLINE)
    Promise.resolve(call)
      .then(resolve, reject)
      .finally(() => timer.stop())
  })
}
