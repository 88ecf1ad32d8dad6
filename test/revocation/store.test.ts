import { revocation } from 'bearward/revocation'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEntry } from '../../src/revocation/entry.ts'
import { createRevocationIndex } from '../../src/revocation/revocation-index.ts'
import { createSynchronizer } from '../../src/revocation/synchronizer.ts'
import { createRecordSealer } from '../../src/stores/sealed-records.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { until } from '../support/upstream/requests.ts'
import { createRevokingServer, tokenWith } from './kit.ts'
import { createSharedStore, join, SECRET } from './shared-store.ts'

// Processes that share a store (N3.2). Each server here has its own revocations, as in a process of its own.

const sealer = (secret = SECRET) => createRecordSealer([new TextEncoder().encode(secret)], 'revocation record')

const entryFor = (sub: string, over = {}) =>
  JSON.stringify({ v: 1, added: { id: `id-${sub}`, sub, revokedAt: 1_800_000_000, expiresAt: 1_900_000_000, ...over } })

describe('a revocation', () => {
  it.each([true, false])('reaches every process; notifications: %s', async (notifies) => {
    const shared = createSharedStore()
    shared.notifies = notifies
    const [one, two, three] = [join(shared), join(shared), join(shared)]
    await Promise.all([one, two, three].map(({ server }) => server.ready()))
    const token = tokenWith({ sub: 'alice' })
    for (const { outcome } of [one, two, three]) expect(await outcome(token)).toBe('allowed')
    const entry = await one.revoked.revoke({ sub: 'alice' })
    expect(await one.outcome(token)).toBe('revoked')
    for (const { server } of [two, three]) await until(() => server.state().revocation?.entries === 1)
    for (const { outcome } of [two, three]) expect(await outcome(token)).toBe('revoked')
    await until(() => two.log.of('revocation').some(({ action, count }) => action === 'added' && count === 1))
    await two.revoked.restore(entry.id)
    for (const { server } of [one, three]) await until(() => server.state().revocation?.entries === 0)
    for (const { outcome } of [one, two, three]) expect(await outcome(token)).toBe('allowed')
  })

  it('is known to a process that starts later, before its first request', async () => {
    const shared = createSharedStore()
    const { revoked } = join(shared)
    for (const sub of ['a', 'b', 'c', 'd', 'alice']) await revoked.revoke({ sub })
    const { outcome } = join(shared)
    expect(await outcome(tokenWith({ sub: 'alice' }))).toBe('revoked')
    expect(await outcome(tokenWith({ sub: 'bob' }))).toBe('allowed')
  })

  it('needs no call of the store per request', async () => {
    const shared = createSharedStore()
    const { outcome, server } = join(shared)
    await server.ready()
    const before = shared.calls
    for (let round = 0; round < 200; round++) await outcome(tokenWith({ jti: `token-${round % 20}` }))
    // Only those of the interval.
    expect(shared.calls - before).toBeLessThan(10)
  })

  it('of a process without a resource server reaches the others', async () => {
    const shared = createSharedStore()
    const { outcome, server } = join(shared)
    await server.ready()
    const operator = revocation({ store: shared.port, secret: SECRET })
    const entry = await operator.revoke({ sub: 'alice' }, { before: NOW })
    await until(() => server.state().revocation?.entries === 1)
    expect(await outcome(tokenWith({ sub: 'alice' }))).toBe('revoked')
    const another = revocation({ store: shared.port, secret: SECRET })
    expect(await another.list()).toEqual([entry])
    await another.restore(entry.id)
    expect(await operator.list()).toEqual([])
  })

  it('lasts as long as the process that reads it needs', async () => {
    const shared = createSharedStore()
    const operator = revocation({ store: shared.port, secret: SECRET, maxLifetime: 60 })
    await operator.revoke({ sub: 'alice' }, { before: NOW })
    const { revoked } = join(shared, { maxLifetime: 3600 })
    expect((await revoked.list()).map(({ expiresAt }) => expiresAt)).toEqual([NOW + 3600 + 120])
  })
})

describe('a flushed store', () => {
  it('gets back what running processes know, once (N3.2)', async () => {
    const shared = createSharedStore()
    const all = [join(shared), join(shared), join(shared)]
    const [one, two] = all as [(typeof all)[0], (typeof all)[0]]
    const entries = []
    for (const sub of ['a', 'b', 'c', 'd']) entries.push(await one.revoked.revoke({ sub }))
    await two.revoked.restore(entries[0] as (typeof entries)[0])
    for (const { server } of all) await until(() => server.state().revocation?.entries === 3)
    shared.flush()
    await until(() => shared.records.length >= 4)
    for (const { outcome } of all) expect(await outcome(tokenWith({ sub: 'b' }))).toBe('revoked')
    for (const { revoked } of all) expect(await revoked.list()).toHaveLength(3)
    // Three additions and one removal, from whichever process was first.
    expect(shared.records).toHaveLength(4)
    const { outcome } = join(shared)
    expect([await outcome(tokenWith({ sub: 'a' })), await outcome(tokenWith({ sub: 'b' }))]).toEqual([
      'allowed',
      'revoked',
    ])
  })
})

it('what a flushed store has lost is looked for twice, not for each batch: with many, that took minutes (N3.2)', async () => {
  const shared = createSharedStore()
  const index = createRevocationIndex()
  for (let count = 0; count < 1000; count++) index.add(createEntry({ sub: `user-${count}` }, NOW, 3600), NOW)
  let searches = 0
  const changes: typeof index.changes = (now) => {
    searches++
    return index.changes(now)
  }
  const synchronizer = createSynchronizer({
    store: shared.port,
    sealer: sealer(),
    index: { ...index, changes },
    now: () => NOW,
    apply: () => false,
    attempted: () => undefined,
  })
  await synchronizer.refresh()
  expect([shared.records.length, searches]).toEqual([1000, 2])
})

it.each(['added', 'changed'] as const)(
  'a store that keeps nothing of what is written back, and says `%s`, gets it once per read',
  async (outcome) => {
    const shared = createSharedStore()
    const { revoked, server } = join(shared)
    await revoked.revoke({ sub: 'alice' })
    shared.port.add = async () => {
      shared.calls++
      return outcome
    }
    shared.flush()
    expect(await revoked.list()).toHaveLength(1)
    const before = shared.calls
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(shared.calls - before).toBeLessThan(20)
    expect(server.state().revocation).toMatchObject({ status: 'current', entries: 1 })
  },
)

describe('a record', () => {
  it.each<[string, () => Promise<string>]>([
    ['without a seal', async () => entryFor('user-1')],
    ['sealed with another secret', () => sealer('another secret of thirty-two bytes!').seal(entryFor('user-1'))],
    ['with one character damaged', async () => (await sealer().seal(entryFor('user-x'))).replace('user-x', 'user-1')],
    ['of another kind', () => createRecordSealer([new TextEncoder().encode(SECRET)], 'x').seal(entryFor('user-1'))],
    ['of another version', () => sealer().seal(entryFor('user-1').replace('"v":1', '"v":2'))],
    ['without its times', () => sealer().seal(entryFor('user-1', { expiresAt: '9' }))],
    ['that is no JSON', () => sealer().seal('user-1')],
    ['that is empty', async () => ''],
  ])('%s revokes nothing and emits an event (I15)', async (_, forge) => {
    const shared = createSharedStore()
    const { outcome, server, log } = join(shared)
    await server.ready()
    shared.push(await forge())
    await until(() => log.of('store').length > 0)
    expect(log.of('store')).toMatchObject([{ store: 'revocation', code: 'corrupt' }])
    expect([await outcome(tokenWith()), server.state().revocation?.entries]).toEqual(['allowed', 0])
    shared.push(await sealer().seal(entryFor('user-1')))
    await until(() => server.state().revocation?.entries === 1)
    expect(await outcome(tokenWith())).toBe('revoked')
  })

  it('of a removal removes only that entry', async () => {
    const shared = createSharedStore()
    const { revoked, outcome } = join(shared)
    await revoked.restore(await revoked.revoke({ sub: 'user-1' }))
    const removal = shared.records.at(-1) as string
    await revoked.revoke({ sub: 'user-1' })
    shared.push(removal)
    await revoked.list()
    expect(await outcome(tokenWith())).toBe('revoked')
  })

  it('of a former secret is read while that is in the list', async () => {
    const shared = createSharedStore()
    await join(shared).revoked.revoke({ sub: 'alice' })
    const next = 'the next secret of thirty-two bytes!!'
    const { outcome, revoked } = join(shared, {}, [next, SECRET])
    expect(await outcome(tokenWith({ sub: 'alice' }))).toBe('revoked')
    await revoked.revoke({ sub: 'bob' })
    const { outcome: later } = join(shared, {}, next)
    expect([await later(tokenWith({ sub: 'alice' })), await later(tokenWith({ sub: 'bob' }))]).toEqual([
      'allowed',
      'revoked',
    ])
  })
})

describe('the secret', () => {
  it('of all servers of one revocation() is the same, unless that has its own', async () => {
    const shared = createSharedStore()
    const other = 'another secret of at least thirty-two bytes'
    const { revoked } = join(shared)
    const attach = (secret: string, to = revoked) => createRevokingServer({ stores: { secret } }, to).server.close()
    expect(() => attach(other)).toThrow(/stores\.secret differs.*revocation\.secret/)
    attach(SECRET)
    const own = revocation({ store: shared.port, secret: SECRET })
    for (const secret of [SECRET, other]) attach(secret, own)
  })

  it('is needed for a store, and the message shows how to create one', () => {
    const { port } = createSharedStore()
    expect(() => createRevokingServer({}, { store: port })).toThrow(/stores\.secret.*randomBytes\(32\)/)
  })

  it.each([['short'], [new Uint8Array(31)], [[]], [[SECRET, 'short']], [undefined], [7]])(
    'is refused: %j',
    (secret) => {
      const problem = () => revocation({ secret: secret as never })
      expect(problem).toThrow(/revocation\.secret/)
      expect(problem).not.toThrow(/short/)
      expect(() => createRevokingServer({ stores: { secret: secret as never } })).toThrow(/stores\.secret/)
    },
  )
})

describe('the status of a server (K9)', () => {
  const down = () => Object.assign(createSharedStore(), { error: new Error('down') })
  const statusOf = ({ server }: ReturnType<typeof join>) => server.state().status

  it('is starting until the store is read, then ready, and degraded while it cannot be', async () => {
    const shared = createSharedStore()
    const joined = join(shared)
    expect(statusOf(joined)).toBe('starting')
    await joined.server.ready()
    expect(statusOf(joined)).toBe('ready')
    shared.error = new Error('down')
    await until(() => statusOf(joined) !== 'ready')
    expect(statusOf(joined)).toBe('degraded')
    shared.error = undefined
    await until(() => statusOf(joined) === 'ready')
  })

  it('is unavailable if the store cannot be read from the start, unless known revocations suffice and it has keys', async () => {
    const keys = { load: () => Promise.reject(new Error('down')) }
    const options = { store: down().port, onStoreFailure: 'use_known' } as const
    const servers = [
      join(down()),
      join(down(), options),
      createRevokingServer({ issuer: { issuer: ISSUER, keys }, stores: { secret: SECRET } }, options),
    ]
    onTestFinished(() => servers.at(-1)?.server.close())
    const outcomes = await Promise.all(servers.map(({ outcome }) => outcome(tokenWith())))
    expect(outcomes).toEqual(['revocation_unavailable', 'allowed', 'keys_unavailable'])
    expect(servers.map(statusOf)).toEqual(['unavailable', 'degraded', 'unavailable'])
  })
})

it('while the store cannot be read, watched tokens do not end; what was revoked meanwhile ends them later', async () => {
  const shared = createSharedStore()
  const [{ server, log }, { revoked }] = [join(shared, { staleIfError: 1 }), join(shared)]
  await server.ready()
  const ends: string[] = []
  server.watch(await server.verify(tokenWith()), (why) => void ends.push(why))
  const { read } = shared.port
  let isDown = true
  shared.port.read = (cursor) => (isDown ? Promise.reject(new Error('down')) : read(cursor))
  await revoked.revoke({ sub: 'user-1' })
  await until(() => log.of('revocation').some(({ status }) => status === 'unavailable'))
  expect(ends).toEqual([])
  isDown = false
  await until(() => ends.length > 0)
  expect(ends).toEqual(['revoked'])
})

it('a server is closed although its store fails to end its notifications', async () => {
  const shared = createSharedStore()
  const unsubscribe = () => {
    throw new Error('own')
  }
  const { server } = createRevokingServer(
    { stores: { secret: SECRET } },
    { store: { ...shared.port, subscribe: () => unsubscribe } },
  )
  const ends: string[] = []
  server.watch(await server.verify(tokenWith()), (why) => void ends.push(why))
  server.close()
  await until(() => ends.length > 0)
  expect(ends).toEqual(['closed'])
})

it('a server that is closed reads no more', async () => {
  const shared = createSharedStore()
  const { server } = join(shared)
  await server.ready()
  server.close()
  const before = shared.calls
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(shared.calls).toBe(before)
})

describe('a wall clock that is ahead for a while ends no revocation for good', () => {
  const DAYS = 300_000

  it.each([false, true])('with a store: %s', async (hasStore) => {
    const { revoked, outcome, server, clock } = hasStore ? join(createSharedStore()) : createRevokingServer()
    const token = tokenWith({ sub: 'alice' })
    const [entry, restored] = [await revoked.revoke({ sub: 'alice' }), await revoked.revoke({ sub: 'bob' })]
    await revoked.restore(restored)
    clock.now += DAYS
    expect([await revoked.list(), await outcome(token)]).toEqual([[], 'expired'])
    server.state() // which deletes what has ended
    clock.now -= DAYS
    expect([await outcome(token), await outcome(tokenWith({ sub: 'bob' }))]).toEqual(['revoked', 'allowed'])
    expect(await revoked.list()).toEqual([entry])
  })

  it('not even those that were read from the store meanwhile, as after a start with a wrong clock', async () => {
    const shared = createSharedStore()
    await join(shared).revoked.revoke({ sub: 'alice' })
    const { outcome, revoked, server, clock } = join(shared)
    clock.now += DAYS
    expect([await revoked.list(), server.state().revocation?.entries]).toEqual([[], 0])
    clock.now -= DAYS
    await until(() => server.state().revocation?.entries === 1)
    expect(await outcome(tokenWith({ sub: 'alice' }))).toBe('revoked')
  })
})

it('what a store has lost while the wall clock was set back is written back as well', async () => {
  const shared = createSharedStore()
  const { revoked, server, clock, log } = join(shared)
  await server.ready()
  await revoked.revoke({ sub: 'alice' })
  await revoked.list()
  shared.error = new Error('down')
  clock.now -= 10
  await until(() => log.of('revocation').some(({ status }) => status === 'stale'))
  shared.flush()
  shared.error = undefined
  expect(await revoked.list()).toHaveLength(1)
  expect(shared.records).toHaveLength(1)
})

it('a store that loses at once what is written back, and says so, gets it once per read', async () => {
  const shared = createSharedStore()
  const { revoked } = join(shared)
  await revoked.revoke({ sub: 'alice' })
  const { add } = shared.port
  shared.port.add = async (...given) => {
    const outcome = await add(...given)
    shared.flush()
    if (shared.calls > 100) throw new Error('for ever')
    return outcome
  }
  shared.flush()
  expect(await revoked.list()).toHaveLength(1)
})

it.each(['refuse', 'use_known'] as const)(
  'a server that is created after others were closed waits for the store: %s',
  async (onStoreFailure) => {
    const shared = createSharedStore()
    const { revoked, server } = join(shared, { onStoreFailure, staleIfError: 1 })
    await server.ready()
    server.close()
    await join(shared).revoked.revoke({ sub: 'alice' })
    await new Promise((resolve) => setTimeout(resolve, 2100))
    const { read } = shared.port
    shared.port.read = async (cursor) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return read(cursor)
    }
    const { outcome, server: later } = createRevokingServer({ stores: { secret: SECRET } }, revoked)
    onTestFinished(() => later.close())
    expect(await Promise.all(['alice', 'bob'].map((sub) => outcome(tokenWith({ sub }))))).toEqual([
      'revoked',
      'allowed',
    ])
  },
)
