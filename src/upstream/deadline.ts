import { deadlineTimer } from '../util/deadline-timer.ts'
import type { Closing } from './shutdown.ts'
import { UpstreamError } from './upstream-error.ts'

const closed = () => new UpstreamError('closed', 'the resource server was closed')

export interface Deadline {
  /** Aborted when the time is up, when the resource server is closed, or when the work failed. */
  readonly signal: AbortSignal
  /** The outcome of a step, or the fault if that comes first. */
  race<T>(step: Promise<T>): Promise<T>
}

/**
 * Runs work that asks an upstream, and ends it after `milliseconds` or when the server is closed.
 *
 * Each step races the deadline instead of trusting a signal to reach it: a custom fetch may ignore signals, and on
 * Node 20 one can be lost to a garbage collection while a body is read.
 */
export async function withDeadline<T>(
  milliseconds: number,
  closing: Closing,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  // Not even begun: a server that is closed asks nobody any more.
  if (closing.isClosed) throw closed()
  const abort = new AbortController()
  let fail: (error: UpstreamError) => void = () => undefined
  const expired = new Promise<never>((_, reject) => {
    fail = reject
  })
  expired.catch(() => undefined) // it may expire between two steps, when nobody is listening
  const time = deadlineTimer(milliseconds, () => fail(new UpstreamError('timeout', 'no complete answer in time')))
  const stopListening = closing.onClose(() => fail(closed()))
  const race = <S>(step: Promise<S>): Promise<S> => {
    step.catch(() => undefined) // if it loses the race, nobody else looks at its failure
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
