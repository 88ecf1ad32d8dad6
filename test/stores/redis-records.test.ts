import { createResourceServer, type ResourceServer } from 'bearward'
import { redisStores } from 'bearward/redis'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createRecordSealer } from '../../src/stores/sealed-records.ts'
import {
  activeResponse,
  basic,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { NODE_REDIS, type RedisConnection } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer, WITHIN_50_MS } from '../support/redis/server.ts'
import { createLog, send } from '../support/upstream/requests.ts'

// A record in Redis may be foreign, old or truncated (I10, E4): it counts as a miss and is reported.

const POLL = { timeout: 10_000, interval: 10 }
const RECORDS = 'bearward:introspection:'
const CLAIMS = 'bearward:claim:'

const { seal } = createRecordSealer([new TextEncoder().encode(CLIENT.clientSecret)], 'introspection responses')

/** A record without what authenticates it. */
const jsonIn = (text: string): Record<string, unknown> => JSON.parse(text.slice(43))

/** The store events, each kind once: a record may be read twice. */
const reportedIn = (log: ReturnType<typeof createLog>) => [
  ...new Set(log.of('store').map(({ operation, code: fault }) => `${operation} ${fault}`)),
]

const openInspector = (redis: RedisServer) => createClient({ url: redis.url }).connect()

describeWithRedis(
  'the records in Redis',
  () => {
    let redis: RedisServer
    let connection: RedisConnection
    let inspector: Awaited<ReturnType<typeof openInspector>>
    let endpoint: IntrospectionEndpoint
    beforeAll(async () => {
      redis = await createRedisServer()
      inspector = await openInspector(redis)
      connection = await NODE_REDIS.connect(redis.url)
    })
    afterAll(async () => {
      connection?.close()
      inspector?.destroy()
      await redis?.close()
    })
    beforeEach(async () => {
      endpoint = await createIntrospectionEndpoint()
      await inspector.flushAll()
    })
    afterEach(() => endpoint.stop())

    function server(onEvent?: ReturnType<typeof createLog>['onEvent']): ResourceServer {
      const introspection = { endpoint: endpoint.url, client: CLIENT }
      return createResourceServer({
        resource: RESOURCE,
        issuer: { issuer: 'https://auth.example.com', keys: null, introspection },
        stores: redisStores(connection.client),
        ...(onEvent && { onEvent }),
      })
    }

    function activeToken(members: Record<string, unknown> = {}): string {
      const token = opaqueToken()
      endpoint.responses.set(token, activeResponse(members))
      return token
    }

    /** The key of a token, and its record once a first server has introspected it. */
    async function recordOf(token: string): Promise<[key: string, text: string]> {
      const before = await inspector.keys(`${RECORDS}*`)
      await send(server(), token)
      await vi.waitUntil(async () => (await inspector.keys(`${RECORDS}*`)).length > before.length, POLL)
      await vi.waitUntil(async () => (await inspector.keys(`${CLAIMS}*`)).length === 0, POLL)
      const [key = ''] = (await inspector.keys(`${RECORDS}*`)).filter((name) => !before.includes(name))
      return [key, (await inspector.get(key)) ?? '']
    }

    /** Functions return an authentic record: another check than that of its authenticity must refuse it. */
    type Wrong = string | Buffer | ((record: Record<string, unknown>) => unknown)

    const laidOver =
      (members: Record<string, unknown>): Wrong =>
      (record) => ({ ...record, ...members })

    const WRONG: readonly [name: string, value: Wrong][] = [
      ['is not JSON', 'not JSON'],
      ['is null', 'null'],
      ['is a list', '[]'],
      ['is a string', '"v1"'],
      ['is a number', '1'],
      ['is an empty object', '{}'],
      ['is bytes', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])],
      ['is nested too deep', `${'['.repeat(60_000)}`],
      ['has an older version', laidOver({ v: 1 })],
      ['has a newer version', laidOver({ v: 3 })],
      ['has no version', laidOver({ v: undefined })],
      ['has no key', laidOver({ key: undefined })],
      ['has another key', laidOver({ key: `v2:${'A'.repeat(43)}` })],
      ['has no timestamp', laidOver({ requested_at: undefined })],
      ['has a timestamp in words', laidOver({ requested_at: 'now' })],
      ['has a timestamp one hour ahead', laidOver({ requested_at: Date.now() / 1000 + 3600 })],
      ['has active as a string', laidOver({ active: 'true' })],
      ['has active as a number', laidOver({ active: 1 })],
      ['has no active', laidOver({ active: undefined })],
      ['has no claims', laidOver({ claims: undefined })],
      ['has a list of claims', laidOver({ claims: [] })],
      ['has an expiry in words', (record) => ({ ...record, claims: { ...(record.claims as object), exp: 'never' } })],
      ['has an invalid subject', (record) => ({ ...record, claims: { ...(record.claims as object), sub: 1 } })],
      ['is too large', laidOver({ padding: 'x'.repeat(65_536) })],
    ]

    it.each(WRONG)('count as a miss if one %s, and are replaced', async (_, wrong) => {
      const token = activeToken()
      const [key, text] = await recordOf(token)
      expect(await seal(JSON.stringify(jsonIn(text)))).toBe(text)
      const value = typeof wrong === 'function' ? await seal(JSON.stringify(wrong(jsonIn(text)))) : wrong
      await inspector.set(key, value)
      const log = createLog()
      expect((await send(server(log.onEvent), token)).status).toBe(200)
      expect(endpoint.calls()).toBe(2)
      expect(reportedIn(log)).toEqual(['get corrupt'])
      await vi.waitUntil(async () => (await inspector.get(key)) !== value.toString(), POLL)
      expect((await send(server(), token)).status).toBe(200)
      expect(endpoint.calls()).toBe(2)
    })

    it('count as a miss if one is cut off', async () => {
      const token = activeToken()
      const [key, text] = await recordOf(token)
      for (const value of [text.slice(0, -1), await seal(text.slice(43, -1))]) {
        await inspector.set(key, value)
        const log = createLog()
        expect((await send(server(log.onEvent), token)).status).toBe(200)
        expect(reportedIn(log)).toEqual(['get corrupt'])
        await vi.waitUntil(async () => (await inspector.get(key)) !== value, POLL)
      }
    })

    it('count as a miss if the key has another type', async () => {
      const token = activeToken()
      const [key] = await recordOf(token)
      await inspector.del(key)
      await inspector.hSet(key, 'field', 'value')
      const log = createLog()
      expect((await send(server(log.onEvent), token)).status).toBe(200)
      expect(endpoint.calls()).toBe(2)
      expect(reportedIn(log)).toEqual(['get failed'])
      await vi.waitUntil(async () => (await inspector.type(key)) === 'string', POLL)
    })

    it('are not delayed for long by a claim that never ends', async () => {
      const token = activeToken()
      const [key, text] = await recordOf(token)
      await inspector.del(key)
      await inspector.set(key.replace(RECORDS, CLAIMS), 'another-owner')
      expect((await send(server(), token)).status).toBe(200)
      expect(endpoint.calls()).toBe(2)
      await vi.waitUntil(async () => (await inspector.get(key)) !== null, POLL)
      expect(jsonIn((await inspector.get(key)) ?? '').key).toBe(jsonIn(text).key)
    })

    it('do not match another token', async () => {
      const [, good] = await recordOf(activeToken({ sub: 'alice' }))
      const token = opaqueToken()
      const [key] = await recordOf(token)
      await inspector.set(key, good)
      const log = createLog()
      expect((await send(server(log.onEvent), token)).reason).toBe('inactive')
      expect(reportedIn(log)).toEqual(['get corrupt'])
    })

    it('are not written for a response that is too large', async () => {
      const token = activeToken({ groups: 'x'.repeat(60_000) })
      const [key, text] = await recordOf(token)
      expect(text.length).toBeLessThanOrEqual(65_536)
      await inspector.del(key)
      // The largest response that is accepted; the rest of the record exceeds the limit.
      const room = 65_536 - JSON.stringify(activeResponse({ groups: '' })).length
      endpoint.responses.set(token, activeResponse({ groups: 'x'.repeat(room) }))
      const log = createLog()
      expect((await send(server(log.onEvent), token)).status).toBe(200)
      await vi.waitUntil(async () => (await inspector.keys('*')).length === 0, POLL)
      expect(log.of('store')).toEqual([])
    })

    it('contain no token, no secret and no client of ours, and all expire', async () => {
      const tokens = [activeToken(), activeToken({ client_id: 'client-2' }), opaqueToken()]
      const everything = async () => {
        const names = await inspector.keys('*')
        for (const name of names) expect(await inspector.pTTL(name)).toBeGreaterThan(0)
        return (await Promise.all(names.map(async (name) => [name, (await inspector.get(name)) ?? '']))).flat()
      }
      const held = endpoint.hold()
      const pending = Promise.all(tokens.map((token) => send(server(), token)))
      await vi.waitUntil(() => held.waiting.length === tokens.length, POLL)
      const meanwhile = await everything()
      expect(meanwhile).toHaveLength(2 * tokens.length)
      held.release()
      expect((await pending).map(({ status }) => status)).toEqual([200, 200, 401])
      await vi.waitUntil(async () => (await inspector.keys(`${RECORDS}*`)).length === tokens.length, POLL)
      await vi.waitUntil(async () => (await inspector.keys(`${CLAIMS}*`)).length === 0, POLL)
      const afterwards = await everything()
      expect(afterwards).toHaveLength(2 * tokens.length)
      for (const key of await inspector.keys('*')) expect(key).toMatch(/^bearward:introspection:v2:[\w-]{43}$/)

      const { clientId, clientSecret } = CLIENT
      const credentials = basic(clientId, clientSecret).replace('Basic ', '')
      const secrets = [...tokens, clientId, clientSecret, credentials, endpoint.url]
      for (const text of [...meanwhile, ...afterwards]) {
        for (const secret of secrets) {
          expect(text).not.toContain(secret)
          expect(text).not.toContain(Buffer.from(secret).toString('base64url'))
          expect(text).not.toContain(Buffer.from(secret).toString('hex'))
        }
      }
    })
  },
  WITHIN_50_MS,
)
