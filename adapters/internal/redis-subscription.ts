/** What we use of a second connection, in either library. Everything is optional: the store is read at intervals anyway. */
interface Subscriber {
  on?(event: string, listener: (...values: unknown[]) => void): unknown
  connect?(): Promise<unknown>
  subscribe?(channel: string, listener?: (message: unknown) => void): Promise<unknown>
  /** node-redis */
  unref?(): unknown
  /** node-redis 5 and newer */
  destroy?(): unknown
  disconnect?(): unknown
  /** ioredis */
  readonly status?: string
  readonly stream?: { unref?(): unknown }
}

/** Opens a connection that listens to a channel and does not keep the process alive. Its failures are ignored. */
export function subscribeTo(client: unknown, channel: string, listener: () => void): () => void {
  const { duplicate, status, unref, nodes } = client as Subscriber & { duplicate?(): Subscriber; nodes?: unknown }
  // Of pools and clusters, the connections cannot be kept from keeping the process alive.
  const isSingle = typeof status === 'string' ? typeof nodes !== 'function' : typeof unref === 'function'
  if (typeof duplicate !== 'function' || !isSingle) return () => undefined
  const subscriber = duplicate.call(client)
  subscriber.on?.('error', () => undefined)
  open(subscriber, channel, listener).catch(() => undefined)
  return () => {
    try {
      const closing = subscriber.destroy ? subscriber.destroy() : subscriber.disconnect?.()
      Promise.resolve(closing).catch(() => undefined)
    } catch {
      // It was not open.
    }
  }
}

async function open(subscriber: Subscriber, channel: string, listener: () => void): Promise<void> {
  if (typeof subscriber.status === 'string') {
    subscriber.on?.('connect', () => subscriber.stream?.unref?.())
    subscriber.on?.('message', listener)
    // After each reconnection, what was missed is read.
    subscriber.on?.('ready', () => {
      subscriber.subscribe?.(channel).catch(() => undefined)
      listener()
    })
    if (subscriber.status === 'wait') await subscriber.connect?.()
    return
  }
  subscriber.on?.('ready', listener)
  const connected = subscriber.connect?.()
  subscriber.unref?.()
  await connected
  subscriber.unref?.()
  await subscriber.subscribe?.(channel, listener)
}
