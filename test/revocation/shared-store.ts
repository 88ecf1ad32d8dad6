import type { RevocationOptions, RevocationRecord, RevocationStore } from 'bearward/revocation'
import { onTestFinished } from 'vitest'
import { createRevokingServer } from './kit.ts'

/** A store in memory that the test can damage. */
export function createSharedStore() {
  let epoch = 1
  let records: string[] = []
  const listeners = new Set<() => void>()
  const store = {
    calls: 0,
    /** Thrown by each call. */
    error: undefined as Error | undefined,
    hangs: false,
    get records(): readonly string[] {
      return records
    },
    /** Another writer, who has no secret. */
    push(...texts: readonly string[]) {
      records.push(...texts)
      for (const listener of listeners) listener()
    },
    flush() {
      epoch++
      records = []
    },
    notifies: true,
    port: undefined as unknown as RevocationStore,
  }
  const cursorNow = () => `${epoch}/${records.length}`
  const call = async <T>(work: () => T): Promise<T> => {
    store.calls++
    if (store.hangs) await new Promise(() => undefined)
    if (store.error) throw store.error
    return work()
  }
  store.port = {
    read: (cursor) =>
      call(() => {
        const [of, at] = cursor?.split('/').map(Number) ?? [undefined, 0]
        const lost = of !== undefined && of !== epoch
        const from = lost || at === undefined ? 0 : at
        const page = records.slice(from, from + 3)
        const end = from + page.length
        return { records: page, cursor: `${epoch}/${end}`, more: end < records.length, lost }
      }),
    add: (added: readonly RevocationRecord[], { size, cursor }) =>
      call(() => {
        if (cursor !== undefined && cursor !== cursorNow()) return 'changed'
        if (size !== undefined && records.length + added.length > size) return 'full'
        records.push(...added.map(({ text }) => text))
        if (store.notifies) for (const listener of listeners) listener()
        return 'added'
      }),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return store
}

export const SECRET = 'a secret of at least thirty-two bytes'

/** A server whose revocations are in a shared store, until the test has finished. */

export function join(
  shared: { readonly port: RevocationStore },
  options: RevocationOptions = {},
  secret: string | readonly string[] = SECRET,
) {
  const joined = createRevokingServer({ stores: { secret } }, { store: shared.port, ...options })
  onTestFinished(() => joined.server.close())
  return joined
}
