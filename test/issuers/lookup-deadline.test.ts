import { createResourceServer, type IssuerResolver } from 'bearward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, type Outcome, send, tally, until } from '../support/upstream/requests.ts'

// M2, M4: what waits for a function of the application, for three seconds at most.

useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const known = (index: number) => `https://known.example/${index}`
const tokenOf = (iss: string) => issuer.sign({ iss })
const unknown = (index: number) => tokenOf(`https://evil.example/${index}`)
const range = (count: number) => Array.from({ length: count }, (_, index) => index)
const never = () => new Promise<never>(() => undefined)

function serverWith(options: Partial<IssuerResolver>) {
  const log = createLog()
  const has = async (iss: string) => iss.startsWith('https://known.example/')
  const resolve = () => ({ keys: `${issuer.url}/jwks` })
  const resolver: IssuerResolver = { allow: { has }, resolve, ...options }
  return { server: createResourceServer({ resource: RESOURCE, issuer: resolver, onEvent: log.onEvent }), log }
}

describe('lookups of issuers that are not cached', () => {
  it('without a free one within the deadline: 503 lookups_limited, and one event; cached tenants do not wait', async () => {
    let hangs = false
    const has = (iss: string) => (hangs && iss !== known(0) ? never() : true)
    const { server, log } = serverWith({ allow: { has }, lookups: { maxConcurrent: 1, perSecond: 1 } })
    const good = await tokenOf(known(0))
    expect((await send(server, good)).status).toBe(200)
    hangs = true
    const outcomes: Outcome[] = []
    const waiting = range(5).map(async (index) => outcomes.push(await send(server, await unknown(index))))
    expect((await send(server, good)).status).toBe(200)
    await until(() => (tally(outcomes)['503 lookups_limited'] ?? 0) >= 3)
    server.close() // One has got the free request meanwhile, which hangs.
    await Promise.all(waiting)
    expect(log.of('lookups_limited')).toEqual([{ type: 'lookups_limited', maxConcurrent: 1, perSecond: 1 }])
  })

  it('after a no, at most perSecond a second', async () => {
    const has = vi.fn(async () => false)
    const { server } = serverWith({ allow: { has }, lookups: { maxConcurrent: 1, perSecond: 3 } })
    const tokens = await Promise.all(range(40).map(unknown))
    const pending = Promise.all(tokens.map((token) => send(server, token)))
    await new Promise((resolve) => setTimeout(resolve, 100))
    // The monotonic clock of the server stands still unless a test moves it.
    expect(has.mock.calls.length).toBeLessThanOrEqual(4)
    expect(Object.keys(tally(await pending)).sort()).toEqual(['401 issuer', '503 lookups_limited'])
  })
})

describe('resolve()', () => {
  it('hangs: 503 within the deadline, called once, and other requests do not wait', async () => {
    const resolve = vi.fn((iss: string) => (iss === known(0) ? never() : { keys: `${issuer.url}/jwks` }))
    const { server } = serverWith({ resolve })
    const token = await tokenOf(known(0))
    const waiting = Promise.all(range(20).map(() => send(server, token)))
    expect((await send(server, await tokenOf(known(1)))).status).toBe(200)
    const outcomes = await waiting
    expect(tally(outcomes)).toEqual({ '503 issuer_unavailable': 20 })
    for (const { milliseconds } of outcomes) expect(milliseconds).toBeLessThan(8000)
    expect(resolve).toHaveBeenCalledTimes(2)
  })
})
