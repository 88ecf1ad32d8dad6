import { withDeadline } from '../upstream/deadline.ts'
import { createClosing } from '../upstream/shutdown.ts'

/** Milliseconds a look-up of the application may take: as long as a fetch. */
export const CALL_DEADLINE = 3000

/** Look-ups of the application that are under way: in its allow-list, or for the options of an issuer. */
export interface BoundedCalls {
  /** The outcome of one, or the fault if its time is up or the server is closed before. */
  run<T>(step: PromiseLike<T>): Promise<T>
  /** Ends them all. */
  close(): void
}

export function createBoundedCalls(): BoundedCalls {
  const closing = createClosing()
  return {
    run: (step) => withDeadline(CALL_DEADLINE, closing, ({ race }) => race(Promise.resolve(step))),
    close: () => closing.close(),
  }
}
