import { createResourceServer, type ResourceServer } from 'bearward'
import { redisStores } from 'bearward/redis'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { IOREDIS, NODE_REDIS, type RedisConnection } from '../support/redis/clients.ts'
import { createRedisServer, describeWithRedis, type RedisServer, type SlowPort } from '../support/redis/server.ts'
import { createLog, type Outcome, send, tally } from '../support/upstream/requests.ts'

// I10, E4: a store that is down, hanging or slow counts as empty. No request is refused or delayed for long
// because of it.

const POLL = { timeout: 20_000, interval: 20 }
/** Milliseconds: a limit to detect hangs. */
const HANGS = 5000
const CALLERS = 20

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

let endpoint: IntrospectionEndpoint
beforeEach(async () => {
  endpoint = await createIntrospectionEndpoint()
})
afterEach(() => endpoint.stop())

function activeToken(): string {
  const token = opaqueToken()
  endpoint.responses.set(token, activeResponse())
  return token
}

/** A server with a tiny local cache, so that requests reach the store. */
function server(client: RedisConnection['client']) {
  const log = createLog()
  const { introspection } = redisStores(client)
  let operations = 0
  const counted = Object.fromEntries(
    Object.entries(introspection).map(([name, operation]) => [
      name,
      (...args: [never, never, never]) => {
        operations++
        return operation(...args)
      },
    ]),
  ) as typeof introspection
  const created = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: 'https://auth.example.com',
      keys: null,
      introspection: { endpoint: endpoint.url, client: CLIENT },
    },
    stores: { introspection: counted },
    cacheSize: { active: 1, inactive: 1 },
    onEvent: log.onEvent,
  })
  return { server: created, faults: () => log.of('store').length, operations: () => operations }
}

/** Callers that send one request after the other until they are stopped: new tokens, and some repeatedly. */
function startLoad(one: ResourceServer) {
  const outcomes: Outcome[] = []
  const pool = Array.from({ length: 10 }, activeToken)
  let isOver = false
  const caller = async () => {
    for (let count = 0; !isOver; count++) {
      const token = count % 2 === 0 ? activeToken() : (pool[count % pool.length] as string)
      outcomes.push(await send(one, token))
      await sleep(1)
    }
  }
  const callers = Promise.all(Array.from({ length: CALLERS }, caller))
  return {
    count: () => outcomes.length,
    async stop() {
      isOver = true
      await callers
      return outcomes
    },
  }
}

/** Whether one server finds a token that another has introspected. */
async function isShared(one: ResourceServer, other: ResourceServer): Promise<boolean> {
  const token = activeToken()
  await send(one, token)
  await sleep(20)
  await send(other, token)
  return endpoint.calls(token) === 1
}

describeWithRedis('while the store fails, under load', () => {
  let redis: RedisServer
  let port: SlowPort
  beforeAll(async () => {
    redis = await createRedisServer()
    port = await redis.slowly(0)
  })
  afterAll(async () => {
    await port?.stop()
    await redis?.close()
  })

  interface Fault {
    readonly name: string
    begin(): unknown
    end(): unknown
  }

  const FAULTS: readonly Fault[] = [
    { name: 'is killed', begin: () => redis.stop(), end: () => redis.start() },
    { name: 'hangs', begin: () => redis.hang(), end: () => redis.resume() },
    {
      name: 'is slow',
      begin: () => {
        port.milliseconds = 400
      },
      end: () => {
        port.milliseconds = 0
      },
    },
  ]

  describe.each([NODE_REDIS, IOREDIS])('through $name', (library) => {
    let connections: RedisConnection[]
    beforeEach(async () => {
      connections = await Promise.all([library.connect(port.url), library.connect(port.url)])
    })
    afterEach(() => connections?.forEach((one) => void one.close()))

    it.each(FAULTS)('one that $name refuses and delays no request, and is used again afterwards', async (fault) => {
      const [one, other] = connections.map(({ client }) => server(client)) as [
        ReturnType<typeof server>,
        ReturnType<typeof server>,
      ]
      const load = startLoad(one.server)
      onTestFinished(async () => void (await load.stop()))
      await vi.waitUntil(() => isShared(one.server, other.server), POLL)
      const faults = one.faults()
      await fault.begin()
      await vi.waitUntil(() => one.faults() > faults, POLL)
      const before = { operations: one.operations(), requests: load.count() }
      await sleep(700)
      await vi.waitUntil(() => load.count() > before.requests + 20 * CALLERS, POLL)
      // Each caller may detect it once, and one at a time retries: the others do not use the store.
      expect(one.operations() - before.operations).toBeLessThan(10 * CALLERS)
      await fault.end()
      await vi.waitUntil(() => isShared(one.server, other.server), POLL)
      const outcomes = await load.stop()
      expect(tally(outcomes)).toEqual({ 200: outcomes.length })
      expect(Math.max(...outcomes.map(({ milliseconds }) => milliseconds))).toBeLessThan(HANGS)
    })
  })
})

it('serves all callers with a client that was never connected', async () => {
  const one = server(createClient())
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => send(one.server, activeToken())))
  expect(tally(outcomes)).toEqual({ 200: 100 })
  expect(endpoint.calls()).toBe(100)
})
