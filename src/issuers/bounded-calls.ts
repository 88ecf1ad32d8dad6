import { withDeadline } from '../upstream/deadline.ts'
import { createClosing } from '../upstream/shutdown.ts'

/** Milliseconds for one call of the application's functions: the same as for a fetch. */
export const CALL_DEADLINE = 3000

/** Pending calls of the application's functions: to its issuer allow-list, or for the options of an issuer. */
export interface BoundedCalls {
  /** The outcome of a call; rejects if the deadline passes or the server is closed first. */
  run<T>(step: PromiseLike<T>): Promise<T>
  /** Rejects all pending calls. */
  close(): void
}

export function createBoundedCalls(): BoundedCalls {
  const closing = createClosing()
  return {
    run: (step) => withDeadline(CALL_DEADLINE, closing, ({ race }) => race(Promise.resolve(step))),
    close: () => closing.close(),
  }
}
