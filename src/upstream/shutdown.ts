/** Tells what is under way that the resource server is closed. */
export interface Closing {
  readonly isClosed: boolean
  /** @returns what ends the listening */
  onClose(listener: () => void): () => void
}

/** As an `AbortController`, of whose signals Node warns when more than ten listen: here, each request may. */
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
