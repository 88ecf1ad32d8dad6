import type { IntrospectionStore } from 'bearward'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { send } from '../support/upstream/requests.ts'

// I10: a broken shared store must neither cause a refusal nor bring back a revoked token.

const bench = useBench()

type Operation = 'get' | 'set' | 'delete' | 'claim' | 'release'

/** A store that counts its operations; a test can replace any of them. */
function createStore() {
  const records = new Map<string, string>()
  const claims = new Set<string>()
  const counts: Record<Operation, number> = { get: 0, set: 0, delete: 0, claim: 0, release: 0 }
  const instead: Partial<Record<Operation, () => Promise<never>>> = {}
  const run = async <T>(operation: Operation, work: () => T): Promise<T> => {
    counts[operation]++
    await instead[operation]?.()
    return work()
  }
  const plain: IntrospectionStore = {
    get: (key) => run('get', () => records.get(key)),
    set: (key, value) => run('set', () => void records.set(key, value)),
    delete: (key) => run('delete', () => void records.delete(key)),
  }
  const claiming: IntrospectionStore = {
    ...plain,
    claim: (key) => run('claim', () => !claims.has(key) && claims.add(key).has(key)),
    release: (key) => run('release', () => void claims.delete(key)),
  }
  return { records, counts, instead, plain, claiming }
}

const fails = () => Promise.reject(new Error('the store is down'))
const hangs = () => new Promise<never>(() => undefined)

describe('a token that is invalidated while the store is failing', () => {
  for (const [what, trouble] of Object.entries({ 'fails to delete': fails, 'never completes a delete': hangs })) {
    it(`is not accepted by this process, and forget() rejects: the store ${what}`, async () => {
      const { plain, instead } = createStore()
      const server = bench.server({}, {}, { stores: { introspection: plain } })
      const token = bench.opaque()
      expect((await send(server, token)).status).toBe(200)
      bench.endpoint.responses.set(token, { active: false })
      instead.delete = trouble
      await expect(server.forget(token)).rejects.toThrow('did not delete')
      expect(await send(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
    })
  }

  it('is not restored by a request that arrives before the store has deleted it', async () => {
    const { plain, instead } = createStore()
    const server = bench.server({}, {}, { stores: { introspection: plain } })
    const token = bench.opaque()
    expect((await send(server, token)).status).toBe(200)
    bench.endpoint.responses.set(token, { active: false })
    let deleted: () => void = () => undefined
    instead.delete = () =>
      new Promise<never>((resolve) => {
        deleted = resolve as () => void
      })
    const forgetting = server.forget(token)
    const meanwhile = await send(server, token)
    deleted()
    await forgetting.catch(() => undefined)
    expect(meanwhile.status).toBe(401)
    expect((await send(server, token)).status).toBe(401)
  })
})

describe('a slow introspection request of another process', () => {
  it('is awaited: no 503 and no second request', async () => {
    const { claiming } = createStore()
    const [one, other] = [0, 1].map(() => bench.server({ deadline: 20 }, {}, { stores: { introspection: claiming } }))
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const first = send(one as NonNullable<typeof one>, token)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const second = send(other as NonNullable<typeof other>, token)
    await new Promise((resolve) => setTimeout(resolve, 300))
    held.release()
    expect([(await first).status, (await second).status]).toEqual([200, 200])
    expect(bench.endpoint.calls(token)).toBe(1)
  })
})

describe('a store that hangs', () => {
  it('is bypassed after five failures, also one that does not support claims', async () => {
    const { plain, instead, counts } = createStore()
    instead.get = hangs
    instead.set = hangs
    const server = bench.server({}, {}, { stores: { introspection: plain } })
    for (let round = 0; round < 12; round++) expect((await send(server, bench.opaque())).status).toBe(200)
    expect(counts.get + counts.set).toBeLessThanOrEqual(6)
  })
})

describe('a route that requires its own introspection', () => {
  it('does not wait for other processes: it neither claims nor reads', async () => {
    const { claiming, counts } = createStore()
    const server = bench.server({}, {}, { stores: { introspection: claiming } })
    const token = bench.opaque()
    await Promise.all(Array.from({ length: 5 }, () => server.verify(token, { maxAge: 0 })))
    expect(counts).toMatchObject({ get: 0, claim: 0 })
    expect(bench.endpoint.calls(token)).toBe(5)
  })
})
