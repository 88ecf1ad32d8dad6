import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer } from 'bearward/express'
import { collect } from 'bearward/prometheus'
import { createTestIssuer, type TestIssuer } from 'bearward/testing'
import express from 'express'
import { Registry } from 'prom-client'

/** An API with metrics, the issuer it trusts, and what can happen to them. */
export interface OrdersApi {
  readonly issuer: TestIssuer
  readonly url: string
  /** The port of its metrics, apart from that of the API. */
  readonly metricsPort: number
  close(): void
}

/** @param keysFor how long keys count as fresh, in seconds: short, so that their refreshes show in minutes */
export async function startOrdersApi(keysFor: number): Promise<OrdersApi> {
  const issuer = await createTestIssuer({ server: createServer(), claims: { scope: 'read:orders' } })
  const { requireScope, server } = resourceServer({
    resource: issuer.resource,
    issuer: {
      ...issuer.introspectingOptions.issuer,
      jwksCache: { maxAge: keysFor, cooldown: 1 },
      introspection: { client: issuer.client, cache: { active: 5, inactive: 1 }, deadline: 1 },
    },
  })
  const registry = new Registry()
  collect(server, { registry })
  const api = await listen(
    express().get('/orders', requireScope('read:orders'), (_request, response) => {
      response.json({ orders: [] })
    }),
  )
  const metrics = await listen(async (_request, response) => {
    response.setHeader('Content-Type', registry.contentType).end(await registry.metrics())
  })
  return {
    issuer,
    url: `http://127.0.0.1:${api.port}/orders`,
    metricsPort: metrics.port,
    close() {
      server.close()
      api.close()
      metrics.close()
      issuer.stop()
    },
  }
}

async function listen(listener: RequestListener): Promise<{ readonly port: number; close(): void }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
