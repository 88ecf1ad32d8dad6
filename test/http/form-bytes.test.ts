import { resourceServer } from 'bearward/express'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { clockOf, kit } from '../contract/dpop-kit.ts'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER } from '../corpus/kit.ts'
import { type App, serve } from '../support/apps/app.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

let running: App | undefined
afterEach(() => running?.close())

const good = kit.token()
const post = (body: string, more: readonly string[] = []) => ({
  method: 'POST',
  lines: ['Content-Type: application/x-www-form-urlencoded', ...more],
  body,
})

async function start(leave: (bytes: Buffer) => unknown): Promise<number> {
  const { protect, server } = resourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: clockOf,
    formTokens: 'accept',
  })
  const app = express().use(express.raw({ type: () => true }))
  app.use((request, _response, next) => {
    request.body = leave(request.body)
    next()
  })
  app.use(protect(), (_request, response) => void response.end('reached'))
  running = await serve('Express', app, { server: server as never, reached: [] })
  return running.port
}

describe('a form that a body parser has left as bytes (RFC 6750 §2.2)', () => {
  it.each<[string, (bytes: Buffer) => unknown]>([
    ['a Buffer', (bytes) => bytes],
    ['a Uint8Array', (bytes) => Uint8Array.from(bytes)],
    ['an ArrayBuffer', (bytes) => Uint8Array.from(bytes).buffer],
  ])('%s: its token counts, as the only credential or as the second one (R3, R4)', async (_, leave) => {
    const port = await start(leave)
    expect((await exchange(port, post(`access_token=${good}`))).body).toBe('reached')
    expect((await exchange(port, post('a=b', bearer(good)))).body).toBe('reached')
    const both = await exchange(port, post(`access_token=${good}`, bearer(good)))
    expect([both.status, both.header('WWW-Authenticate')]).toEqual([400, expect.stringContaining('invalid_request')])
    expect((await exchange(port, post('a=b'))).status).toBe(401)
    const large = await exchange(port, post(`a=${'b'.repeat(70_000)}`, bearer(good)))
    expect([large.status, large.body]).toEqual([400, expect.stringContaining('form_too_large')])
  })
})
