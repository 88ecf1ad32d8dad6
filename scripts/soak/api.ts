import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer } from 'bearward/express'
import { redisStores } from 'bearward/redis'
import { revocation } from 'bearward/revocation'
import { createTestIssuer } from 'bearward/testing'
import express from 'express'
import { createClient } from 'redis'
import { startRedis } from '../redis-server.ts'

/** Seconds for which an introspection response is cached. */
export const CACHED = 1

/** An API with everything that has state: keys, both caches, a shared store if Redis is installed, revocations. */
export async function startApi() {
  const issuer = await createTestIssuer({
    server: createServer(),
    claims: { scope: 'read:orders' },
    client: { method: 'client_secret_basic', clientId: 'orders-api', clientSecret: 'secret'.repeat(8) },
  })
  const store = await startStore()
  const revoked = revocation()
  const { requireScope, server } = resourceServer({
    resource: issuer.resource,
    revocation: revoked,
    cacheSize: { jwt: 1000, active: 1000, inactive: 1000 },
    ...(store && { stores: redisStores(store.client, { prefix: 'soak:' }) }),
    issuer: {
      issuer: issuer.issuer,
      jwksCache: { maxAge: 2, cooldown: 1, backoff: 1, maxBackoff: 1 },
      introspection: {
        client: issuer.client,
        cache: { active: CACHED, inactive: CACHED },
        breaker: { failures: 3, delay: 0.5, maxDelay: 1 },
      },
    },
  })
  const http = createServer(
    express().get('/orders', requireScope('read:orders'), (_request, response) => {
      response.json({ orders: [] })
    }),
  )
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  await server.ready()
  return {
    issuer,
    store,
    revoked,
    server,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/orders`,
    async close() {
      await new Promise<void>((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      })
      server.close()
      store?.close()
      await issuer.stop()
    },
  }
}

export type Api = Awaited<ReturnType<typeof startApi>>

async function startStore() {
  const redis = await startRedis()
  if (!redis) return undefined
  const client = createClient({ url: redis.url, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    restart: redis.restart,
    close() {
      client.destroy()
      redis.close()
    },
  }
}
