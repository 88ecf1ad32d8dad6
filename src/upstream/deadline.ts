import { deadlineTimer } from '../util/deadline-timer.ts'
import type { Closing } from './shutdown.ts'
import { UpstreamError } from './upstream-error.ts'

const closed = () => new UpstreamError('closed', 'the resource server was closed')

export interface Deadline {
  /** Aborted when the deadline passes, the resource server is closed, or the work fails. */
  readonly signal: AbortSignal
  /** The outcome of a step; rejects if the deadline passes or the server is closed first. */
  race<T>(step: Promise<T>): Promise<T>
}

/**
 * Runs work that calls an upstream, and ends it after `milliseconds` or when the server is closed.
 *
 * Each step races the deadline instead of trusting a signal to reach it: a custom fetch may ignore signals, and on
 * Node 20 one can be garbage-collected while a body is read.
 */
export async function withDeadline<T>(
  milliseconds: number,
  closing: Closing,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  // A closed server sends no requests.
  if (closing.isClosed) throw closed()
  const abort = new AbortController()
  let fail: (error: UpstreamError) => void = () => undefined
  const expired = new Promise<never>((_, reject) => {
    fail = reject
  })
  expired.catch(() => undefined) // it may expire between two steps, when no one listens
  const time = deadlineTimer(milliseconds, () =>
    fail(new UpstreamError('timeout', 'no complete response within the deadline')),
  )
  const stopListening = closing.onClose(() => fail(closed()))
  const race = <S>(step: Promise<S>): Promise<S> => {
    step.catch(() => undefined) // if it loses the race, no one else handles its rejection
    return Promise.race([step, expired])
  }
  try {
    return await work({ signal: abort.signal, race })
  } catch (thrown) {
    abort.abort()
    throw thrown
  } finally {
    time.stop()
    stopListening()
  }
}
