import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { send } from '../support/upstream/requests.ts'
import { createUpstreamServer, documents, type UpstreamServer } from '../support/upstream/server.ts'

const METADATA = '/.well-known/openid-configuration'

const clock = useMonotonicClock()
let signer: TestIssuer
let upstream: UpstreamServer

beforeEach(async () => {
  signer = await createTestIssuer({ alg: 'ES256' })
  upstream = await createUpstreamServer()
})
afterEach(async () => {
  await signer.stop()
  await upstream.stop()
})

/**
 * Serves metadata with these members, key sets, and an introspection endpoint for which every token is active.
 *
 * @param keys of the first key set
 */
function publish(members: object, keys = signer.keys): void {
  upstream.respond = documents({
    [METADATA]: { issuer: upstream.url, ...members },
    '/keys.json': { keys: keys.map(({ jwk }) => jwk) },
    '/moved.json': { keys: signer.keys.map(({ jwk }) => jwk) },
    '/others.json': { keys: signer.keys.map(({ jwk }) => ({ ...jwk, use: 'enc' })) },
    '/introspect': { active: true, aud: RESOURCE },
  })
}

/** The status of a request with a JWT, or with an opaque token. */
function statuses() {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: upstream.url, introspection: { client: { method: 'none', clientId: 'orders-api' } } },
  })
  return {
    jwt: async () => (await send(server, await signer.sign({ iss: upstream.url }))).status,
    opaque: async () => (await send(server, crypto.randomUUID())).status,
  }
}

const timesRead = () => upstream.requests.filter((path) => path === METADATA).length

// K1: what was missing in the metadata, or no longer works, is looked up again.
describe('metadata without a URL that is needed is read again, at most every 10 seconds (RFC 8414 §2)', () => {
  it.each<['jwt' | 'opaque', (url: string) => object]>([
    ['jwt', (url) => ({ introspection_endpoint: `${url}/introspect` })],
    ['opaque', (url) => ({ jwks_uri: `${url}/keys.json` })],
  ])('by a request with this kind of token: %s', async (kind, incomplete) => {
    const { [kind]: status } = statuses()
    publish(incomplete(upstream.url))
    expect(await status()).toBe(503)
    publish({ jwks_uri: `${upstream.url}/keys.json`, introspection_endpoint: `${upstream.url}/introspect` })
    const read = timesRead()
    clock.advance(9.999)
    expect(await status()).toBe(503)
    expect(timesRead()).toBe(read)
    clock.advance(3)
    expect(await status()).toBe(200)
    expect(timesRead()).toBe(read + 1)
    clock.advance(100)
    expect(await status()).toBe(200)
    expect(timesRead()).toBe(read + 1)
  })

  it('and does not keep the other kind of token waiting', async () => {
    publish({ jwks_uri: `${upstream.url}/keys.json` })
    const { jwt, opaque } = statuses()
    expect(await opaque()).toBe(503)
    expect(await jwt()).toBe(200)
  })
})

it('metadata whose key set does not load is read again: the key set may have moved', async () => {
  const { jwt } = statuses()
  const others = { introspection_endpoint: `${upstream.url}/introspect` }
  publish({ jwks_uri: `${upstream.url}/old.json`, ...others })
  expect(await jwt()).toBe(503)
  publish({ jwks_uri: `${upstream.url}/keys.json`, ...others })
  clock.advance(2)
  expect(await jwt()).toBe(200)
})

/** Metadata with both URLs. */
const complete = () => ({ jwks_uri: `${upstream.url}/keys.json`, introspection_endpoint: `${upstream.url}/introspect` })

// As K7 for key sets: what is worse does not replace what is good.
it.each<['jwt' | 'opaque', keyof ReturnType<typeof complete>]>([
  ['jwt', 'jwks_uri'],
  ['opaque', 'introspection_endpoint'],
])('metadata that loses a URL does not replace the one that is known: a %s token needs %s (K1)', async (kind, lost) => {
  const { [kind]: status } = statuses()
  publish(complete())
  expect(await status()).toBe(200)
  // After the metadata and the stale keys have expired.
  for (const seconds of [3601, 7200, 7200]) {
    clock.advance(seconds)
    publish({ ...complete(), [lost]: undefined })
    const read = timesRead()
    expect(await status()).toBe(200)
    expect(timesRead()).toBeGreaterThan(read)
  }
})

describe('metadata whose key set has no usable key is read again with it (K1, K7)', () => {
  it.each<[string, (url: string) => object]>([
    ['it names another key set', (url) => ({ jwks_uri: `${url}/others.json` })],
    ['it names other algorithms', () => ({ access_token_signing_alg_values_supported: ['RS256'] })],
  ])('%s', async (_, wrong) => {
    const { jwt } = statuses()
    publish({ ...complete(), ...wrong(upstream.url) })
    expect(await jwt()).toBe(503)
    clock.advance(2)
    expect(await jwt()).toBe(503)
    publish(complete())
    clock.advance(3)
    expect(await jwt()).toBe(200)
  })
})

describe('with a key that is unknown, metadata is read again after five minutes: it may name others (K4)', () => {
  it.each<[string, (url: string) => object]>([
    ['a rotation to another key set, while the old one still loads', (url) => ({ jwks_uri: `${url}/moved.json` })],
    [
      'a key of another algorithm than before',
      () => ({ access_token_signing_alg_values_supported: ['ES256', 'ES384'] }),
    ],
  ])('%s', async (_, changed) => {
    const { jwt } = statuses()
    const first = { ...complete(), access_token_signing_alg_values_supported: ['ES256'] }
    publish(first)
    expect(await jwt()).toBe(200)
    const old = signer.keys
    const moves = 'jwks_uri' in changed(upstream.url)
    await signer.rotate(moves ? {} : { alg: 'ES384', keepOld: true })
    publish({ ...first, ...changed(upstream.url) }, moves ? old : signer.keys)
    const read = timesRead()
    clock.advance(299)
    expect(await jwt()).toBe(401)
    expect(timesRead()).toBe(read)
    clock.advance(31)
    expect(await jwt()).toBe(200)
    expect(timesRead()).toBe(read + 1)
  })
})

describe('metadata whose introspection endpoint fails is read again after ten seconds: it may have moved (K1, I7)', () => {
  it.each<[string, (url: string) => string]>([
    ['nothing listens there', () => 'http://127.0.0.1:1/introspect'],
    ['something else is there', (url) => `${url}/keys.json`],
  ])('%s', async (_, former) => {
    const { opaque } = statuses()
    publish({ ...complete(), introspection_endpoint: former(upstream.url) })
    expect(await opaque()).toBe(503)
    publish(complete())
    const read = timesRead()
    clock.advance(9)
    expect(await opaque()).toBe(503)
    expect(timesRead()).toBe(read)
    clock.advance(2)
    expect(await opaque()).toBe(200)
    expect(timesRead()).toBe(read + 1)
    clock.advance(100)
    expect(await opaque()).toBe(200)
    expect(timesRead()).toBe(read + 1)
  })

  it('and not before it has failed', async () => {
    const { jwt, opaque } = statuses()
    publish(complete())
    expect(await jwt()).toBe(200)
    clock.advance(100)
    expect(await opaque()).toBe(200)
    expect(timesRead()).toBe(1)
  })

  it('and while the metadata fails as well, at most one request in ten seconds waits for it', async () => {
    const { opaque } = statuses()
    publish({ ...complete(), introspection_endpoint: 'http://127.0.0.1:1/introspect' })
    expect(await opaque()).toBe(503)
    upstream.respond = documents({})
    clock.advance(11)
    expect(await opaque()).toBe(503)
    const read = timesRead()
    for (let time = 0; time < 3; time++) expect(await opaque()).toBe(503)
    expect(timesRead()).toBe(read)
  })
})
