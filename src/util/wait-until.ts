/** Keeps the runtime alive for work that continues after the response, if it supports that. */
export function keepAlive(waitUntil: ((work: Promise<unknown>) => void) | undefined, work: Promise<unknown>): void {
  try {
    waitUntil?.(work)
  } catch {
    // The function belongs to the runtime. Its failure must not affect the request.
  }
}
