import type { IntrospectionStore } from 'bearward'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { ask } from '../support/upstream/requests.ts'

// SPEC I10: what is wrong with a shared store must neither refuse anybody nor bring back what was revoked.

const bench = useBench()

type Operation = 'get' | 'set' | 'delete' | 'claim' | 'release'

/** A store that counts, and in which a test can make any operation do something else. */
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

describe('a token that is forgotten while the store is in trouble', () => {
  for (const [what, trouble] of Object.entries({ 'fails to delete': fails, 'never answers a delete': hangs })) {
    it(`is not accepted by this process, and whoever forgets it is told: the store ${what}`, async () => {
      const { plain, instead } = createStore()
      const server = bench.server({}, {}, { stores: { introspection: plain } })
      const token = bench.opaque()
      expect((await ask(server, token)).status).toBe(200)
      bench.endpoint.answers.set(token, { active: false })
      instead.delete = trouble
      await expect(server.forget(token)).rejects.toThrow('did not forget')
      expect(await ask(server, token)).toMatchObject({ status: 401, reason: 'inactive' })
    })
  }

  it('is not brought back by a request that comes before the store has deleted it', async () => {
    const { plain, instead } = createStore()
    const server = bench.server({}, {}, { stores: { introspection: plain } })
    const token = bench.opaque()
    expect((await ask(server, token)).status).toBe(200)
    bench.endpoint.answers.set(token, { active: false })
    let deleted: () => void = () => undefined
    instead.delete = () =>
      new Promise<never>((resolve) => {
        deleted = resolve as () => void
      })
    const forgetting = server.forget(token)
    const meanwhile = await ask(server, token)
    deleted()
    await forgetting.catch(() => undefined)
    expect(meanwhile.status).toBe(401)
    expect((await ask(server, token)).status).toBe(401)
  })
})

describe('the question of another process that takes long', () => {
  it('is waited for, and refuses nobody: no 503 and no second question', async () => {
    const { claiming } = createStore()
    const [one, other] = [0, 1].map(() => bench.server({ deadline: 20 }, {}, { stores: { introspection: claiming } }))
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    const first = ask(one as NonNullable<typeof one>, token)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const second = ask(other as NonNullable<typeof other>, token)
    await new Promise((resolve) => setTimeout(resolve, 300))
    held.release()
    expect([(await first).status, (await second).status]).toEqual([200, 200])
    expect(bench.endpoint.calls(token)).toBe(1)
  })
})

describe('a store that hangs', () => {
  it('is left alone after five failures, also one that knows no claims', async () => {
    const { plain, instead, counts } = createStore()
    instead.get = hangs
    instead.set = hangs
    const server = bench.server({}, {}, { stores: { introspection: plain } })
    for (let round = 0; round < 12; round++) expect((await ask(server, bench.opaque())).status).toBe(200)
    expect(counts.get + counts.set).toBeLessThanOrEqual(6)
  })
})

describe('a route that wants an answer of its own', () => {
  it('stands in line for nobody: it neither claims nor looks', async () => {
    const { claiming, counts } = createStore()
    const server = bench.server({}, {}, { stores: { introspection: claiming } })
    const token = bench.opaque()
    await Promise.all(Array.from({ length: 5 }, () => server.verify(token, { maxAge: 0 })))
    expect(counts).toMatchObject({ get: 0, claim: 0 })
    expect(bench.endpoint.calls(token)).toBe(5)
  })
})
