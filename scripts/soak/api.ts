import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { resourceServer } from 'bearward/express'
import { redisStores } from 'bearward/redis'
import { revocation } from 'bearward/revocation'
import { createTestIssuer } from 'bearward/testing'
import express from 'express'
import { createClient } from 'redis'

/** Seconds for which an introspection response is cached. */
export const CACHED = 1

/** An API with everything that has state: keys, both caches, a shared store if Redis is installed, revocations. */
export async function startApi() {
  const issuer = await createTestIssuer({
    server: createServer(),
    claims: { scope: 'read:orders' },
    client: { method: 'client_secret_basic', clientId: 'orders-api', clientSecret: 'secret'.repeat(8) },
  })
  const store = spawnSync('redis-server', ['--version']).status === 0 ? await startStore() : undefined
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

/** A Redis without persistence, so that a restart loses everything. */
async function startStore() {
  const port = await freePort()
  const launch = () =>
    spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' })
  let child = launch()
  process.once('exit', () => child.kill('SIGKILL'))
  await accepts(port)
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    async restart(pause: number) {
      child.kill('SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, pause))
      child = launch()
      await accepts(port)
    },
    close() {
      client.destroy()
      child.kill('SIGKILL')
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function accepts(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
