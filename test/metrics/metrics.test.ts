import {
  createResourceServer,
  InsufficientScope,
  type ResourceServer,
  type ResourceServerOptions,
  scope,
} from 'bearward'
import { collect } from 'bearward/prometheus'
import { revocation } from 'bearward/revocation'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
} from '../support/issuer/introspection-endpoint.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { requestWith, send } from '../support/upstream/requests.ts'
import { DESTINATIONS, type Destination } from './destinations.ts'

// N5: the same metrics in Prometheus and OpenTelemetry.

let issuer: TestIssuer
let endpoint: IntrospectionEndpoint
const servers: ResourceServer[] = []
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  endpoint = await createIntrospectionEndpoint()
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await Promise.all([issuer.stop(), endpoint.stop()])
})

function start(options: Partial<ResourceServerOptions> = {}): ResourceServer {
  const introspection = { endpoint: endpoint.url, client: CLIENT, breaker: { failures: 1, delay: 30 } }
  const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, introspection }, ...options })
  servers.push(server)
  return server
}

/** The value of each time series of a metric, under its labels in one line. */
async function valuesOf(destination: Destination, name: string): Promise<Record<string, number>> {
  const series = (await destination.series()).filter((one) => one.name === name)
  return Object.fromEntries(
    series.map(({ labels, value }) => [
      Object.entries(labels)
        .map(([key, label]) => `${key}=${label === issuer.url ? 'ISSUER' : label}`)
        .sort()
        .join(' '),
      value,
    ]),
  )
}

describe.each(DESTINATIONS.map((create) => [create().name, create] as const))('in %s', (_, create) => {
  let destination: Destination
  beforeEach(() => {
    destination = create()
  })
  const values = (name: string) => valuesOf(destination, name)

  it('decisions are counted and timed by outcome, and not once per guard', async () => {
    const server = start()
    destination.measure(server)
    const request = requestWith(await issuer.sign())
    await server.authenticate(request)
    await server.authenticate(request, [scope('read:orders')])
    await server.optionalAuth(requestWith(undefined))
    await send(server, await issuer.sign({ exp: 1 }))
    await send(server, await issuer.sign(), scope('admin'))
    expect(await values('bearward_decisions_total')).toEqual({
      'format=jwt issuer=ISSUER outcome=allowed reason=none': 1,
      'format=none issuer=none outcome=anonymous reason=none': 1,
      'format=none issuer=none outcome=refused reason=expired': 1,
      'format=jwt issuer=ISSUER outcome=refused reason=scope': 1,
    })
    expect(await values('bearward_decision_duration_seconds_count')).toEqual({
      'outcome=allowed': 1,
      'outcome=anonymous': 1,
      'outcome=refused': 2,
    })
  })

  it('upstream requests are timed by target and outcome', async () => {
    const server = start()
    destination.measure(server)
    await send(server, await issuer.sign())
    endpoint.reply = (_request, response) => response.writeHead(403).end()
    await send(server, 'opaque')
    expect(await values('bearward_upstream_duration_seconds_count')).toEqual({
      'outcome=ok target=discovery': 1,
      'outcome=ok target=keys': 1,
      'error_type=client_refused outcome=failed target=introspection': 1,
    })
  })

  it('ages, circuit breakers and caches are read when they are collected', async () => {
    const server = start()
    destination.measure(server)
    expect(await values('bearward_jwks_age_seconds')).toEqual({})
    expect(await values('bearward_circuit_breaker_open')).toEqual({ 'issuer=ISSUER': 0 })
    const token = await issuer.sign()
    for (let time = 0; time < 3; time++) await send(server, token)
    endpoint.reply = (_request, response) => response.writeHead(503).end()
    await send(server, 'opaque')
    expect(await values('bearward_jwks_age_seconds')).toEqual({ 'issuer=ISSUER': expect.any(Number) })
    expect(await values('bearward_circuit_breaker_open')).toEqual({ 'issuer=ISSUER': 1 })
    expect(await values('bearward_cache_entries')).toMatchObject({ 'cache=jwt': 2, 'cache=active': 0 })
    expect(await values('bearward_cache_limit')).toEqual({
      'cache=jwt': 20_000,
      'cache=active': 10_000,
      'cache=inactive': 10_000,
      'cache=replay': 100_000,
    })
  })

  it('revocations are read, where there are any', async () => {
    const revoked = revocation()
    destination.measure(start())
    expect(await values('bearward_revocation_entries')).toEqual({})
    destination.measure(start({ revocation: revoked }))
    destination.measure(start({ revocation: revoked }))
    await revoked.revoke({ issuer: issuer.url, jti: 'one' })
    expect(await values('bearward_revocation_entries')).toEqual({ '': 1 })
  })

  it('failures of a store are counted by what went wrong', async () => {
    const broken = () => {
      throw new Error('CANARY')
    }
    const introspection = { endpoint: endpoint.url, client: { ...CLIENT, clientSecret: 'x'.repeat(40) } }
    endpoint.accepts = () => true
    const server = start({
      issuer: { issuer: issuer.url, introspection },
      stores: { introspection: { get: broken, set: broken } },
    })
    destination.measure(server)
    await send(server, 'opaque')
    expect(await values('bearward_store_failures_total')).toMatchObject({
      'error_type=failed store=introspection': expect.any(Number),
    })
  })

  it('two servers in one place add up, unless their resource is a label', async () => {
    const [one, other] = [start(), start({ resource: `${RESOURCE}/other` })]
    const first = destination.measure(one)
    destination.measure({ server: other })
    await send(one, await issuer.sign())
    await send(other, await issuer.sign({ aud: `${RESOURCE}/other` }))
    expect(await values('bearward_decisions_total')).toEqual({
      'format=jwt issuer=ISSUER outcome=allowed reason=none': 2,
    })
    expect(await values('bearward_cache_limit')).toMatchObject({ 'cache=jwt': 40_000 })
    expect(Object.keys(await values('bearward_jwks_age_seconds'))).toEqual(['issuer=ISSUER'])

    first.stop()
    destination.measure(one, { labels: { resource: true } })
    await send(one, await issuer.sign())
    expect(await values('bearward_decisions_total')).toEqual({
      'format=jwt issuer=ISSUER outcome=allowed reason=none': 2,
      [`format=jwt issuer=ISSUER outcome=allowed reason=none resource=${RESOURCE}`]: 1,
    })
    expect(await values('bearward_cache_limit')).toMatchObject({
      'cache=jwt': 20_000,
      [`cache=jwt resource=${RESOURCE}`]: 20_000,
    })
  })

  it('stop() ends the measurement: counts remain, and what is read disappears', async () => {
    const server = start()
    const measured = destination.measure(server)
    await send(server, await issuer.sign())
    measured.stop()
    measured.stop()
    await send(server, await issuer.sign())
    expect(Object.values(await values('bearward_decisions_total'))).toEqual([1])
    expect(await values('bearward_cache_limit')).toEqual({})
  })

  it('wrong options are named', () => {
    const server = start()
    const WRONG: readonly (readonly [object, RegExp])[] = [
      [{ label: {} }, /\.label/],
      [{ labels: { subject: true } }, /\.labels\.subject/],
      [{ labels: { resource: 'yes' } }, /\.labels\.resource/],
      [{ buckets: [] }, /\.buckets/],
      [{ buckets: [2, 1] }, /\.buckets/],
      [{ buckets: [0.1, Number.NaN] }, /\.buckets/],
      [{ buckets: undefined, registry: {}, meter: {} }, /\.(registry|meter)/],
    ]
    for (const [options, message] of WRONG) {
      expect(() => destination.measure(server, options), JSON.stringify(options)).toThrow(message)
    }
    for (const input of [undefined, null, {}, { server: null }, 'server']) {
      expect(() => destination.measure(input as never), String(input)).toThrow(/\.server/)
    }
  })

  it('a server that is passed twice is measured once, until both have stopped (N5)', async () => {
    const server = start()
    const [first, second] = [destination.measure(server), destination.measure({ server })]
    const decide = async () => server.authenticate(requestWith(await issuer.sign()), [])
    const counted = async () => Object.values(await values('bearward_decisions_total'))
    const limit = async () => (await values('bearward_cache_limit'))['cache=jwt']
    const { max } = server.state().caches.jwt
    await decide()
    expect([await counted(), await limit()]).toEqual([[1], max])
    first.stop()
    first.stop()
    await decide()
    expect([await counted(), await limit()]).toEqual([[2], max])
    second.stop()
    await decide()
    expect(await counted()).toEqual([2])
  })

  it('does not measure a server with other labels than at first', () => {
    const server = start()
    destination.measure(server)
    expect(() => destination.measure(server, { labels: { resource: true } })).toThrow(/labels\.resource must be that/)
  })

  it('an error of a guard with a reason that does not exist is no new time series for each value', async () => {
    const server = start()
    destination.measure(server)
    for (let index = 0; index < 150; index++) {
      const invented = () => {
        throw new InsufficientScope(`reason-${index}` as 'guard')
      }
      await server.authenticate(requestWith(await issuer.sign()), [invented]).catch(() => undefined)
    }
    const series = Object.keys(await values('bearward_decisions_total'))
    expect(series).toHaveLength(101)
    expect(series.at(-1)).toMatch(/reason=other/)
  })
})

it('a registry keeps the buckets of the first call, also if their list is changed later', async () => {
  const registry = new Registry()
  const buckets = [0.1]
  collect(start(), { registry, buckets })
  buckets.push(1)
  expect(() => collect(start(), { registry, buckets })).toThrow(/collect\.buckets/)
  collect(start(), { registry, buckets: [0.1] })
  expect(await registry.metrics()).not.toContain('le="1"')
})

it('a registry that was cleared, as between tests, gets the metrics again', async () => {
  const registry = new Registry()
  collect(start(), { registry })
  registry.clear()
  const server = start()
  collect(server, { registry })
  await send(server, await issuer.sign())
  const text = await registry.metrics()
  expect(text).toMatch(/^bearward_decisions_total\{.*\} 1$/m)
  expect(text).toMatch(/^bearward_decision_duration_seconds_count\{.*\} 1$/m)
  expect(text).toMatch(/^bearward_cache_limit\{/m)
})
