import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createRedisServer, describeWithRedis, type RedisServer } from '../support/redis/server.ts'
import { type Child, type Children, createChildren } from './children.ts'
import type { Report, Start } from './program.ts'

// I10: same keys and rules across processes. Four processes share one Redis.

describeWithRedis('four processes with one Redis', () => {
  let children: Children<Start, Report>
  let redis: RedisServer
  let endpoint: IntrospectionEndpoint
  let processes: Child<Report>[]
  beforeAll(async () => {
    children = await createChildren(new URL('./program.ts', import.meta.url))
    redis = await createRedisServer()
    endpoint = await createIntrospectionEndpoint()
    const start = (library: Start['library']): Start => ({
      library,
      redis: redis.url,
      resource: RESOURCE,
      issuer: 'https://auth.example.com',
      introspection: { endpoint: endpoint.url, client: CLIENT, deadline: 5 },
      first: activeToken(),
    })
    processes = await Promise.all(
      (['node-redis', 'ioredis', 'node-redis', 'ioredis'] as const).map((name) => children.start(start(name))),
    )
  })
  afterAll(async () => {
    await Promise.all(processes?.map((one) => one.stop()) ?? [])
    await Promise.all([children?.remove(), endpoint?.stop(), redis?.close()])
  })

  function activeToken(): string {
    const token = opaqueToken()
    endpoint.responses.set(token, activeResponse())
    return token
  }

  const callsFor = (tokens: readonly string[]) => tokens.map((token) => endpoint.calls(token))
  const once = (tokens: readonly string[]) => tokens.map(() => 1)

  /** Whether every process can use the store: each finds what the one before has introspected. */
  async function allShare(): Promise<boolean> {
    const tokens = processes.map(activeToken)
    for (const shift of [0, 1]) {
      await Promise.all(tokens.map((token, index) => processes[(index + shift) % processes.length]?.ask([token])))
    }
    return callsFor(tokens).every((calls) => calls === 1)
  }

  /**
   * Sends new tokens to all processes at once. On a busy machine the store may be too slow for one of them; that process
   * then introspects by itself for a while, and the round proves nothing.
   */
  async function round(make: () => readonly string[]): Promise<readonly string[]> {
    for (let again = 0; again < 10; again++) {
      await vi.waitUntil(allShare, { timeout: 10_000, interval: 100 })
      const tokens = make()
      const reports = await Promise.all(processes.map((one) => one.ask(tokens)))
      for (const { outcomes } of reports) expect(outcomes).toEqual({ 200: tokens.length })
      if (reports.every(({ faults }) => faults === 0)) return tokens
    }
    throw new Error('the store was too slow in each round')
  }

  it('share one introspection request for tokens that all receive at the same time', async () => {
    endpoint.reply = (...args) => void setTimeout(() => endpoint.respondByToken(...args), 50)
    const tokens = await round(() => Array.from({ length: 50 }, activeToken))
    expect(callsFor(tokens)).toEqual(once(tokens))
  })

  it('share one introspection request if the issuer responds at once', async () => {
    endpoint.reply = endpoint.respondByToken
    for (let count = 0; count < 10; count++) {
      const tokens = await round(() => Array.from({ length: 20 }, activeToken))
      expect(callsFor(tokens)).toEqual(once(tokens))
    }
  })

  it('share one introspection request for a token in hundreds of requests', async () => {
    endpoint.reply = (...args) => void setTimeout(() => endpoint.respondByToken(...args), 50)
    const tokens = await round(() => Array.from({ length: 250 }).fill(activeToken()) as string[])
    expect(endpoint.calls(tokens[0])).toBe(1)
  })
})
