/** Notifies pending work that the resource server is closed. */
export interface Closing {
  readonly isClosed: boolean
  /** @returns a function that removes the listener */
  onClose(listener: () => void): () => void
}

/** Replaces an `AbortController`: every request may listen, and Node prints a warning for more than ten listeners. */
export function createClosing(): Closing & { close(): void } {
  const listeners = new Set<() => void>()
  let isClosed = false
  return {
    get isClosed() {
      return isClosed
    },
    onClose(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      isClosed = true
      for (const listener of listeners) listener()
    },
  }
}
