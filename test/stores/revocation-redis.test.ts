import { createResourceServer } from 'bearward'
import { revocationStore } from 'bearward/redis'
import { type RevocationOptions, revocation } from 'bearward/revocation'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER } from '../corpus/kit.ts'
import { kit } from '../revocation/kit.ts'
import { CLIENT, logoutToken } from '../revocation/logout-tokens.ts'
import { SECRET } from '../revocation/shared-store.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { IOREDIS, NODE_REDIS } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'
import { createLog, send, until } from '../support/upstream/requests.ts'

// Revocations in a real Redis (N3.2).

const tokenFor = (sub: string): string => {
  const now = Math.floor(Date.now() / 1000)
  return kit.token({ claims: kit.claims({ sub, jti: undefined, iat: now, exp: now + 3600 }) })
}

describeWithRedis('revocations in Redis', () => {
  let redis: RedisServer
  let other: ReturnType<typeof createClient>
  beforeAll(async () => {
    redis = await createRedisServer()
    other = createClient({ url: redis.url })
    other.on('error', () => undefined)
    await other.connect()
  })
  beforeEach(async () => void (await other.flushAll()))
  afterAll(async () => {
    other.destroy()
    await redis.close()
  })

  async function join(library: typeof IOREDIS, staleIfError = 30, more: RevocationOptions = {}, url = redis.url) {
    const { client, close } = await library.connect(url)
    const log = createLog()
    const revoked = revocation({ store: revocationStore(client), staleIfError, ...more })
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      stores: { secret: SECRET },
      revocation: revoked,
      onEvent: log.onEvent,
    })
    onTestFinished(async () => {
      server.close()
      await close()
    })
    await server.ready()
    const outcome = async (token: string) => {
      const { status, reason } = await send(server, token)
      return reason ?? status
    }
    return { server, revoked, log, outcome, entries: () => server.state().revocation?.entries }
  }

  const both = () => Promise.all([join(NODE_REDIS), join(IOREDIS)])

  it('reach processes with either library, and each other', async () => {
    const all = await both()
    const [one, two] = all
    const tokens = ['alice', 'bob', 'carol'].map(tokenFor) // issued before, also at the end of a second
    const entry = await one.revoked.revoke({ sub: 'alice' })
    await two.revoked.revoke({ issuer: ISSUER, sub: 'bob' }, { before: Date.now() / 1000 })
    for (const { entries } of all) await until(() => entries() === 2)
    for (const { outcome } of all) {
      expect(await Promise.all(tokens.map(outcome))).toEqual(['revoked', 'revoked', 200])
    }
    await two.revoked.restore(entry.id)
    await until(() => one.entries() === 1)
    expect((await one.revoked.list()).map(({ sub }) => sub)).toEqual(['bob'])
    expect(await one.outcome(tokenFor('alice'))).toBe(200)
  })

  it('that endpoints receive in all processes leave a tenth of the size to revoke()', async () => {
    const options = { size: 40, logout: { clients: CLIENT } }
    const all = await Promise.all([NODE_REDIS, IOREDIS].map((library) => join(library, 30, options)))
    const now = Math.floor(Date.now() / 1000)
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, user) => {
        const token = logoutToken({ sub: `u${user}`, iat: now, exp: now + 60 })
        const content = {
          authorization: [],
          contentType: 'application/x-www-form-urlencoded',
          body: async () => `logout_token=${token}`,
        }
        return (await all[user % 2]?.revoked.backchannelLogout.respond('POST', '/', content))?.status
      }),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(36)
    const [one, two] = all
    for (const parts of [one, two, one, two]) await parts?.revoked.revoke({ sub: crypto.randomUUID() })
    await expect(one?.revoked.revoke({ sub: 'too many' })).rejects.toThrow('revocation.size')
  })

  it('are found by the next read if every notification is lost', async () => {
    const [one, two] = await both()
    await other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await one.revoked.revoke({ sub: 'alice' })
    await until(() => two.entries() === 1)
  })

  it('are notified of where ioredis adds a prefix of its own to keys', async () => {
    const prefixed: typeof IOREDIS = {
      name: 'ioredis with keyPrefix',
      async connect(url) {
        const client = new Redis(url, { keyPrefix: 'app:' })
        return { client, close: () => client.disconnect() }
      },
    }
    await join(prefixed)
    const one = await join(prefixed)
    const notified = other.duplicate()
    onTestFinished(() => notified.destroy())
    await notified.connect()
    const listening = async () => Number((await other.pubSubNumSub('bearward:revocations'))['bearward:revocations'])
    for (let round = 0; (await listening()) < 2 && round < 1000; round++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await other.publish('bearward:revocations', '')).toBe(2)
    let count = 0
    await notified.subscribe('bearward:revocations', () => void count++)
    await one.revoked.revoke({ sub: 'alice' })
    await until(() => count === 1)
    expect(await other.exists('app:bearward:revocations')).toBe(1)
  })

  it('are read page by page by a process that starts later', async () => {
    const one = await join(NODE_REDIS)
    await Promise.all(Array.from({ length: 1234 }, (_, number) => one.revoked.revoke({ sub: `user-${number}` })))
    const two = await join(IOREDIS)
    expect(two.entries()).toBe(1234)
    expect(await two.outcome(tokenFor('user-1233'))).toBe('revoked')
  })

  it('survive a flush: running processes write back what they know', async () => {
    const all = await both()
    const [one, two] = all
    const entries = await Promise.all(
      Array.from({ length: 450 }, (_, number) => one.revoked.revoke({ sub: `user-${number}` })),
    )
    await one.revoked.restore(entries[0] as (typeof entries)[0])
    await until(() => two.entries() === 449)
    await other.flushAll()
    expect(await two.outcome(tokenFor('user-1'))).toBe('revoked')
    await until(() => one.server.state().revocation?.status === 'current')
    const length = async () => Number(await other.sendCommand(['XLEN', 'bearward:revocations']))
    for (let round = 0; (await length()) < 451 && round < 1000; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const later = await join(IOREDIS)
    expect(later.entries()).toBe(449)
    // The epoch, 449 additions and a removal: no process wrote what another one had written.
    expect(await length()).toBe(451)
  })

  it('survive that the stream is trimmed to nothing', async () => {
    const [one, two] = await both()
    for (const sub of ['alice', 'bob']) await one.revoked.revoke({ sub })
    await until(() => two.entries() === 2)
    await other.sendCommand(['XTRIM', 'bearward:revocations', 'MAXLEN', '0'])
    const length = async () => Number(await other.sendCommand(['XLEN', 'bearward:revocations']))
    for (let round = 0; (await length()) < 2 && round < 1000; round++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    for (const { revoked } of [one, two]) expect(await revoked.list()).toHaveLength(2)
    const later = await join(IOREDIS)
    expect(later.entries()).toBe(2)
    expect(await length()).toBe(2)
  })

  it('are stored for a user of Redis who may not publish', async () => {
    await other.sendCommand(['ACL', 'SETUSER', 'quiet', 'on', '>secret', '~bearward:*', '+@all', 'resetchannels'])
    const url = redis.url.replace('//', '//quiet:secret@')
    const all = await Promise.all([NODE_REDIS, IOREDIS].map((library) => join(library, 30, {}, url)))
    for (const [at, { revoked }] of all.entries()) await revoked.revoke({ sub: `user-${at}` })
    for (const { entries } of all) await until(() => entries() === 2)
    expect(await other.sendCommand(['XLEN', 'bearward:revocations'])).toBe(3)
  })

  it('survive its restart without data, with 503 only after staleIfError', async () => {
    const all = await Promise.all([join(NODE_REDIS, 2), join(IOREDIS, 2)])
    await all[0].revoked.revoke({ sub: 'alice' })
    await until(() => all[1].entries() === 1)
    await redis.stop()
    for (const { outcome } of all) expect(await outcome(tokenFor('bob'))).toBe(200)
    for (const { server } of all) await until(() => server.state().revocation?.status === 'unavailable')
    for (const { outcome, revoked } of all) {
      expect([await outcome(tokenFor('bob')), await outcome(tokenFor('alice'))]).toEqual([
        'revocation_unavailable',
        'revoked',
      ])
      await expect(revoked.revoke({ sub: 'bob' })).rejects.toThrow()
    }
    await redis.start()
    for (const { server } of all) await until(() => server.state().revocation?.status === 'current')
    for (const { outcome } of all) {
      expect([await outcome(tokenFor('bob')), await outcome(tokenFor('alice'))]).toEqual([200, 'revoked'])
    }
    const later = await join(NODE_REDIS)
    await until(() => later.entries() === 1)
  })

  it('are 503 while it hangs, and current again when it goes on', async () => {
    const all = await Promise.all([join(NODE_REDIS, 1), join(IOREDIS, 1)])
    redis.hang()
    try {
      for (const { server } of all) await until(() => server.state().revocation?.status === 'unavailable')
      for (const { outcome } of all) expect(await outcome(tokenFor('bob'))).toBe('revocation_unavailable')
    } finally {
      redis.resume()
    }
    for (const { server } of all) await until(() => server.state().revocation?.status === 'current')
    for (const { outcome } of all) expect(await outcome(tokenFor('bob'))).toBe(200)
  })

  it('ignore what others write under the key, and say so', async () => {
    const [one] = await both()
    await other.sendCommand(['XADD', 'bearward:revocations', '*', 'record', '{"v":1}', 'expires', 'never'])
    await other.sendCommand(['XADD', 'bearward:revocations', '*', 'any', 'thing'])
    await until(() => one.log.of('store').some(({ code }) => code === 'corrupt'))
    await one.revoked.revoke({ sub: 'alice' })
    expect(await one.revoked.list()).toHaveLength(1)
    expect(one.server.state().revocation?.status).toBe('current')
  })

  it('are not deleted by a Redis whose clock is ahead of that of the process', async () => {
    const store = revocationStore(other as never, { prefix: 'ahead:' })
    const redisNow = Math.floor(Date.now() / 1000)
    const clock = vi.spyOn(Date, 'now').mockReturnValue((redisNow - 3600) * 1000)
    onTestFinished(() => clock.mockRestore())
    for (const text of ['one', 'two']) await store.add([{ text, expiresAt: redisNow - 1800 }], {})
    expect((await store.read(undefined)).records).toEqual(['one', 'two'])
  })

  it('are deleted after they have expired, by the clock of Redis', async () => {
    const [one] = await both()
    const store = revocationStore(other as never, { prefix: 'expiry:' })
    expect(await store.add([{ text: 'old', expiresAt: 1 }], {})).toBe('added')
    expect(await store.add([{ text: 'new', expiresAt: Date.now() / 1000 + 60 }], { size: 1 })).toBe('added')
    expect((await store.read(undefined)).records).toEqual(['new'])
    expect(await store.add([{ text: 'more', expiresAt: Date.now() / 1000 + 60 }], { size: 1 })).toBe('full')
    expect(one.entries()).toBe(0)
  })

  it('are deleted although many that are older last longer', async () => {
    const store = revocationStore(other as never, { prefix: 'longer:' })
    const records = (count: number, expiresAt: number) =>
      Array.from({ length: count }, (_, number) => ({ text: `${expiresAt}-${number}`, expiresAt }))
    const future = Math.floor(Date.now() / 1000) + 3600
    expect(await store.add(records(30, future), {})).toBe('added')
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2)) // the ID of a record has the millisecond
      await store.add(records(10, 1), {})
    }
    const ended = async () => {
      const { records: left } = await store.read(undefined)
      return left.filter((text) => text.startsWith('1-')).length
    }
    // Which of them a call finds is random.
    for (let round = 0; round < 1000 && (await ended()) > 0; round++) await store.add(records(1, 2), {})
    expect(await ended()).toBe(0)
    const { records: left } = await store.read(undefined)
    expect(left.filter((text) => text.startsWith(`${future}`)).length).toBe(30)
  })
})
