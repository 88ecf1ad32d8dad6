import { type BearwardEvent, createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const start = (onEvent: (event: BearwardEvent) => void) =>
  createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent })

describe('a misbehaving listener changes nothing', () => {
  const LISTENERS: Readonly<Record<string, (event: BearwardEvent) => unknown>> = {
    throws: () => {
      throw new Error('x')
    },
    'throws undefined': () => {
      throw undefined
    },
    rejects: () => Promise.reject(new Error('x')),
    'rejects later': async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      throw new Error('x')
    },
    'returns a thenable that fails': () => ({
      // biome-ignore lint/suspicious/noThenProperty: the subject of this test
      then: (_done: unknown, failed: (thrown: unknown) => void) => failed(new Error('x')),
    }),
    'returns a thenable that throws': () => ({
      // biome-ignore lint/suspicious/noThenProperty: as above
      then: () => {
        throw new Error('x')
      },
    }),
    'never settles': () => new Promise(() => undefined),
    'tries to change the event': (event) => {
      ;(event as unknown as Record<string, unknown>).type = 'other'
    },
  }
  for (const [what, listener] of Object.entries(LISTENERS)) {
    it(what, async () => {
      const unhandled: unknown[] = []
      const note = (thrown: unknown) => unhandled.push(thrown)
      process.on('unhandledRejection', note)
      try {
        const server = start(listener)
        expect((await send(server, await issuer.sign())).status).toBe(200)
        expect((await send(server, await issuer.sign({ exp: 1 }))).status).toBe(401)
        expect((await send(server, await issuer.sign({}, { kid: 'x' }))).status).toBe(401)
        await new Promise((resolve) => setTimeout(resolve, 30))
        expect(unhandled).toEqual([])
      } finally {
        process.off('unhandledRejection', note)
      }
    })
  }

  it('one that calls the same server again', async () => {
    let depth = 0
    const token = await issuer.sign()
    const server = start((event) => {
      if (event.type === 'decision' && depth++ < 3) server.verify(token)
    })
    expect((await send(server, token)).status).toBe(200)
    expect((await send(server, token)).status).toBe(200)
    expect(issuer.hits.keys).toBe(1)
  })
})
