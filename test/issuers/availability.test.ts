import { createResourceServer, type ResourceServer, type ResourceServerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
} from '../support/issuer/introspection-endpoint.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send, until } from '../support/upstream/requests.ts'

// K9: `state().status` and `ready`.

const clock = useMonotonicClock()
const jwksCache = { maxAge: 100, staleIfError: 200 }
const down: TestIssuer['onKeys'] = (_request, response) => response.writeHead(502).end()

let issuers: TestIssuer[]
let endpoint: IntrospectionEndpoint
let server: ResourceServer
beforeEach(async () => {
  issuers = await Promise.all([createTestIssuer({ alg: 'ES256' }), createTestIssuer({ alg: 'ES256' })])
  endpoint = await createIntrospectionEndpoint()
})
afterEach(async () => {
  server.close()
  await Promise.all([...issuers.map((issuer) => issuer.stop()), endpoint.stop()])
})

const [first, second] = [() => issuers[0] as TestIssuer, () => issuers[1] as TestIssuer]
const state = () => {
  const { status, ready } = server.state()
  return [status, ready]
}
const start = (issuer: ResourceServerOptions['issuer']) => {
  server = createResourceServer({ resource: RESOURCE, issuer })
}
const jwtsOf = (issuer: TestIssuer) => ({ issuer: issuer.url, jwksCache })
const introspection = () => ({ endpoint: endpoint.url, client: CLIENT, breaker: { failures: 1, delay: 30 } })

async function openBreaker(): Promise<void> {
  endpoint.reply = (_request, response) => response.writeHead(503).end()
  expect(await send(server, 'opaque')).toMatchObject({ status: 503 })
}

describe('with one issuer (K9)', () => {
  it('starting, ready, degraded while its stale keys are used, unavailable, and ready again', async () => {
    start(jwtsOf(first()))
    expect(state()).toEqual(['starting', false])
    await server.ready()
    expect(state()).toEqual(['ready', true])

    const up = first().onKeys
    first().onKeys = down
    clock.advance(150)
    expect(state()).toEqual(['degraded', true])
    expect(await send(server, await first().sign())).toMatchObject({ status: 200 })
    expect(state()).toEqual(['degraded', true])
    clock.advance(151)
    expect(await send(server, await first().sign())).toMatchObject({ status: 503 })
    expect(state()).toEqual(['unavailable', false])

    first().onKeys = up
    clock.advance(5)
    expect(await send(server, await first().sign())).toMatchObject({ status: 200 })
    expect(state()).toEqual(['ready', true])
  })

  it('unavailable, if its keys cannot be loaded at startup', async () => {
    first().onKeys = down
    start(jwtsOf(first()))
    await server.ready().catch(() => undefined)
    expect(state()).toEqual(['unavailable', false])
  })

  it('degraded and ready, if its keys expired for want of traffic: the next request loads them', async () => {
    start(jwtsOf(first()))
    await server.ready()
    clock.advance(1000)
    expect(state()).toEqual(['degraded', true])
    expect(await send(server, await first().sign())).toMatchObject({ status: 200 })
    expect(state()).toEqual(['ready', true])
  })

  it('starting until its keys are loaded, if it introspects as well; degraded while only one of them works', async () => {
    start({ ...jwtsOf(first()), introspection: introspection() })
    expect(state()).toEqual(['starting', false])
    await server.ready()
    expect(state()).toEqual(['ready', true])
    await openBreaker()
    expect(state()).toEqual(['degraded', true])
  })

  it('ready at once, if it only introspects; unavailable while its circuit breaker is open', async () => {
    start({ issuer: first().url, keys: null, introspection: introspection() })
    expect(state()).toEqual(['ready', true])
    await openBreaker()
    expect(state()).toEqual(['unavailable', false])
  })
})

describe('with two issuers (K9)', () => {
  it('degraded while tokens of one can be verified, whatever the other lacks', async () => {
    start([jwtsOf(first()), jwtsOf(second())])
    expect(state()).toEqual(['starting', false])
    await send(server, await first().sign())
    expect(state()).toEqual(['degraded', true])
    second().onKeys = down
    await server.ready().catch(() => undefined)
    expect(state()).toEqual(['degraded', true])
  })

  it('unavailable only if both are', async () => {
    for (const issuer of issuers) issuer.onKeys = down
    start([jwtsOf(first()), jwtsOf(second())])
    await server.ready().catch(() => undefined) // rejects with the first failure
    await until(() => server.state().status !== 'starting')
    expect(state()).toEqual(['unavailable', false])
  })
})

it('issuers that are found at run time: ready before there is one (K9)', () => {
  start({ allow: new Set([first().url]), resolve: () => ({}) })
  expect(state()).toEqual(['ready', true])
})
