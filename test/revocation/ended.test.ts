import { type RevocationStore, revocation } from 'bearward/revocation'
import { expect, it } from 'vitest'
import { reachableBytes } from '../support/heap.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { join, SECRET } from './shared-store.ts'

const time = useMonotonicClock()
const MEGABYTES = 1e6
const turn = () => new Promise((resolve) => setTimeout(resolve, 50))

/** A store that forgets what has been read, so that only processes hold it. */
function createForgettingStore() {
  let records: string[] = []
  const store = {
    notify: (): void => undefined,
    port: {
      async read(cursor) {
        const page = { records, cursor: cursor ?? '1', more: false, lost: false }
        records = []
        return page
      },
      async add(added) {
        records.push(...added.map(({ text }) => text))
        return 'added'
      },
      subscribe(listener) {
        store.notify = listener
        return () => undefined
      },
    } satisfies RevocationStore as RevocationStore,
  }
  return store
}

it('a process that only reads the store forgets what has ended, although no one asks for its state', async () => {
  time.advance(1) // a clock that never jumps begins before the process does
  const shared = createForgettingStore()
  const { server, clock } = join(shared)
  clock.now = Date.now() / 1000
  await server.ready()
  const before = reachableBytes()
  for (let user = 0; user < 20; user++)
    await revocation({ store: shared.port, secret: SECRET }).revoke({ sub: String(user).repeat(500_000) })
  shared.notify()
  await turn()
  expect(reachableBytes() - before).toBeGreaterThan(10 * MEGABYTES)
  clock.now += 100_000
  time.advance(100_000)
  shared.notify()
  await turn()
  expect(reachableBytes() - before).toBeLessThan(5 * MEGABYTES)
})
