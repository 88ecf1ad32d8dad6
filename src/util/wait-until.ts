/** Tells a runtime of work that goes on after the answer, where it wants to know. */
export function keepAlive(waitUntil: ((work: Promise<unknown>) => void) | undefined, work: Promise<unknown>): void {
  try {
    waitUntil?.(work)
  } catch {
    // It belongs to the runtime; that it has no use for the work now is not the request's concern.
  }
}
