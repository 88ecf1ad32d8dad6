import { resourceServer } from 'bearward/fastify'
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
