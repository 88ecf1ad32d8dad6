import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, tally, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const start = (resolved = false) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: resolved
      ? { allow: [issuer.url], resolve: () => ({ deadline: 60 }) }
      : { issuer: issuer.url, deadline: 60, jwksCache: { maxAge: 600, staleIfError: 600 } },
  })

/** Never responds, and counts the connections that the other side has closed. */
function hang() {
  let hungUp = 0
  issuer.onKeys = (_request, response) => {
    response.on('close', () => hungUp++)
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":[')
  }
  return () => hungUp
}

describe('close()', () => {
  for (const resolved of [false, true]) {
    it(`aborts a load that requests wait for: 503${resolved ? ', for a resolved issuer as well' : ''}`, async () => {
      const hungUp = hang()
      const server = start(resolved)
      const token = await issuer.sign()
      const waiting = Promise.all(Array.from({ length: 100 }, () => send(server, token)))
      await until(() => issuer.hits.keys === 1)
      server.close()
      expect(tally(await waiting)).toEqual({ '503 keys_unavailable': 100 })
      await until(() => hungUp() === 1, 'the end of the connection')
    })
  }

  it('aborts a refresh in the background; loaded keys remain usable until they expire', async () => {
    const server = start()
    const token = await issuer.sign()
    await server.ready()
    const hungUp = hang()
    clock.advance(601)
    expect((await send(server, token)).status).toBe(200)
    await until(() => issuer.hits.keys === 2)
    server.close()
    await until(() => hungUp() === 1, 'the end of the connection')
    expect((await send(server, token)).status).toBe(200)
    expect(server.state().issuers[0]?.keys).toMatchObject({ status: 'stale', lastError: { code: 'closed' } })
    clock.advance(600)
    expect((await send(server, token)).status).toBe(503)
  })

  it('there are no more requests afterwards', async () => {
    const server = start()
    server.close()
    server.close()
    expect(await send(server, await issuer.sign())).toMatchObject({ status: 503, reason: 'keys_unavailable' })
    await expect(server.ready()).rejects.toMatchObject({ status: 503 })
    expect(issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
  })

  it('there are no requests for unknown keys either', async () => {
    const server = start()
    await server.ready()
    server.close()
    expect((await send(server, await issuer.sign({}, { kid: 'x' }))).status).toBe(503)
    expect((await send(server, await issuer.sign())).status).toBe(200)
    expect(issuer.hits.keys).toBe(1)
  })

  it('an issuer that is resolved afterwards causes no request', async () => {
    const server = start(true)
    server.close()
    expect((await send(server, await issuer.sign())).status).toBe(503)
    expect(issuer.hits).toEqual({ metadata: 0, keys: 0, other: 0 })
  })

  it('of one server does not touch another', async () => {
    const [one, other] = [start(), start()]
    one.close()
    expect((await send(other, await issuer.sign())).status).toBe(200)
  })
})
