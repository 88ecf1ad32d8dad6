import { withDeadline } from '../http/deadline.ts'

/** Milliseconds a look-up of the application may take: as long as a fetch. */
export const LOOKUP_DEADLINE = 3000

/** Look-ups of the application that are under way: in its allow-list, or for the options of an issuer. */
export interface Lookups {
  /** The outcome of one, or the fault if its time is up or the server is closed before. */
  run<T>(step: PromiseLike<T>): Promise<T>
  /** Ends them all. */
  close(): void
}

export function createLookups(): Lookups {
  // A signal for each, because Node warns of one that more than ten listen to.
  const running = new Set<AbortController>()
  return {
    async run(step) {
      const closing = new AbortController()
      running.add(closing)
      try {
        return await withDeadline(LOOKUP_DEADLINE, closing.signal, ({ race }) => race(Promise.resolve(step)))
      } finally {
        running.delete(closing)
      }
    },
    close() {
      for (const closing of running) closing.abort()
    },
  }
}
