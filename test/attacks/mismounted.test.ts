import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as onExpress from 'bearward/express'
import { resourceServer } from 'bearward/fastify'
import * as onHono from 'bearward/hono'
import * as onNode from 'bearward/node'
import express from 'express'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSigningKey, createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

type Loose = (...args: unknown[]) => unknown

let issuer: TestIssuer
let tokens: Record<'good' | 'forged' | 'unknown', string>

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  tokens = {
    good: await issuer.sign(),
    // A bad signature and an unknown key are rejected one turn later than everything else.
    forged: await issuer.sign({}, {}, await createSigningKey('ES256', issuer.keys[0]?.kid)),
    unknown: await issuer.sign({}, {}, await createSigningKey('ES256')),
  }
})
afterAll(() => issuer.stop())

describe('a Fastify hook that is mounted as something else', () => {
  const ways: Record<string, (hook: Loose) => object> = {
    'is called inside an async hook': (hook) => ({
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
        await hook(request, reply)
      },
    }),
    'is called inside an async hook, without waiting': (hook) => ({
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
        hook(request, reply)
      },
    }),
    'is mounted as preParsing': (hook) => ({ preParsing: hook }),
    'is mounted as the handler': (hook) => ({ handler: hook }),
  }
  for (const [name, mount] of Object.entries(ways)) {
    it(`${name}: no request gets through`, async () => {
      const { protect, server } = resourceServer({ resource: RESOURCE, issuer: issuer.url })
      let reached = 0
      const app = fastify()
      const handler = async () => {
        reached++
        return 'secret'
      }
      app.route({ method: 'GET', url: '/x', handler, ...mount(protect() as Loose) })
      for (const ready of [false, true]) {
        if (ready) await server.ready()
        for (const token of [undefined, ...Object.values(tokens)]) {
          const response = await app.inject({ url: '/x', headers: token ? { authorization: `Bearer ${token}` } : {} })
          expect([response.statusCode, response.body.includes('secret'), reached]).toEqual([500, false, 0])
        }
      }
      await app.close()
    })
  }
})

describe('metadata that is mounted uncalled', () => {
  it('throws, and says how to mount it', () => {
    const options = { resource: RESOURCE, issuer: issuer.url }
    const bound = [onExpress.resourceServer(options), onHono.resourceServer(options), onNode.resourceServer(options)]
    for (const { metadata } of bound) {
      expect(() => (metadata as Loose)({}, {}, () => undefined)).toThrow('mount metadata(), not metadata')
    }
  })

  it('is an error of each request on Express, which would otherwise wait for ever', async () => {
    const { metadata } = onExpress.resourceServer({ resource: RESOURCE, issuer: issuer.url })
    const app = express().set('env', 'test')
    app.use(metadata as unknown as express.RequestHandler)
    const http = app.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const response = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`)
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('mount metadata()')])
    http.close()
    http.closeAllConnections()
  })
})
