import { anyOf, createResourceServer, scope } from 'bearward'
import { resourceServer } from 'bearward/express'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clockOf, kit } from '../contract/dpop-kit.ts'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER } from '../corpus/kit.ts'
import { serve } from '../support/apps/app.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: clockOf,
} as const

// As zone.js does, which Angular loads on the server: async functions still return promises of the runtime.
class ReplacedPromise<T> extends Promise<T> {}

describe('where the application replaces the global Promise', () => {
  beforeEach(() => void vi.stubGlobal('Promise', ReplacedPromise))
  afterEach(() => vi.unstubAllGlobals())

  const waits = async () => true
  const refuses = async () => false

  it('a decision that waits is not taken for one without a token', async () => {
    const server = createResourceServer(options)
    for (const [guards, status] of [
      [[scope('read:orders')], undefined],
      [[waits], undefined],
      [[anyOf(refuses, waits)], undefined],
      [[refuses], 403],
    ] as const) {
      const authorization = bearer(kit.token()).map((line) => line.slice('Authorization: '.length))
      const request = { native: {}, method: 'GET', target: '/', authorization, contentType: undefined }
      // Twice on one request, as for stacked guards.
      for (let round = 0; round < 2; round++) {
        const decision = await server.decide(request, server.guards(...guards))
        expect(decision.allowed ? undefined : decision.response.status).toBe(status)
      }
    }
  })

  it('Express lets the request through, and refuses bad ones', async () => {
    const { requireScope, accessToken, server } = resourceServer(options)
    const app = express().get('/orders', requireScope('read:orders'), (request, response) => {
      response.send(accessToken(request).subject)
    })
    const { port, close } = await serve('Express', app, { server, reached: [] })
    const token = kit.token()
    expect(await exchange(port, { lines: bearer(token) })).toMatchObject({ status: 200, body: 'user-1' })
    expect(await exchange(port, { lines: bearer(`${token.slice(0, -4)}AAAA`) })).toMatchObject({ status: 401 })
    await close()
  })
})
