import { type BearwardError, createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bogusTokens } from '../support/issuer/bogus-tokens.ts'
import { createSigningKey, createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, send, tally, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
let bogus: (kid: string) => string
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  bogus = bogusTokens(issuer.url)
})
afterEach(() => issuer.stop())

async function warmServer() {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: issuer.url, jwksCache: { maxAge: 100_000 }, deadline: 20 },
  })
  await server.ready()
  return server
}

/** Tokens in each of four cooldowns. */
const FLOOD = amount(25_000, 3000)

const fail: TestIssuer['onKeys'] = (_request, response) => response.writeHead(500).end()

/** Tokens with `count` different unknown keys, and a good one after every hundredth. */
async function flood(server: Awaited<ReturnType<typeof warmServer>>, count: number, prefix: string) {
  const good = await issuer.sign()
  const guards = server.guards()
  // From its second use on, a token is cached.
  for (let time = 0; time < 2; time++) await server.authenticate(requestWith(good))
  const refused: Record<string, number> = {}
  const countOne = ({ status, reason }: BearwardError) => {
    const name = `${status} ${reason}`
    refused[name] = (refused[name] ?? 0) + 1
  }
  let accepted = 0
  for (let at = 0; at < count; at += 1000) {
    const batch: Promise<void>[] = []
    for (let index = at; index < at + 1000; index++) {
      batch.push(Promise.resolve(server.verify(bogus(`${prefix}-${index}`))).then(() => undefined, countOne))
      // Decided at once: a known key does not wait for what unknown ones set off.
      if (index % 100 === 0 && !(server.decide(requestWith(good), guards) instanceof Promise)) accepted++
    }
    await Promise.all(batch)
  }
  return { refused, accepted }
}

describe(`${4 * FLOOD} tokens with unknown keys (K4)`, () => {
  it('endpoint up: one fetch per cooldown, each refused with 401, good tokens never wait', async () => {
    const server = await warmServer()
    for (const window of [1, 2, 3, 4]) {
      expect(await flood(server, FLOOD, `w${window}`)).toEqual({
        refused: { '401 unknown_key': FLOOD },
        accepted: FLOOD / 100,
      })
      expect(issuer.hits).toEqual({ metadata: 1, keys: 1 + window, other: 0 })
      clock.advance(31)
    }
  })

  it('endpoint down: one fetch per cooldown, each refused with 503, good tokens never wait', async () => {
    const server = await warmServer()
    issuer.onKeys = fail
    issuer.onMetadata = fail
    for (const window of [1, 2, 3, 4]) {
      const before = issuer.hits.keys + issuer.hits.metadata
      expect(await flood(server, FLOOD, `w${window}`)).toEqual({
        refused: { '503 keys_unavailable': FLOOD },
        accepted: FLOOD / 100,
      })
      // After a failed fetch of the key set, the next attempt starts with discovery.
      expect(issuer.hits.keys + issuer.hits.metadata - before).toBeLessThanOrEqual(2)
      expect(issuer.hits.keys).toBeLessThanOrEqual(1 + window)
      clock.advance(31)
    }
  })

  it('endpoint refuses connections: one attempt, no more', async () => {
    const server = await warmServer()
    await issuer.stop()
    try {
      expect((await flood(server, FLOOD, 'x')).refused).toEqual({ '503 keys_unavailable': FLOOD })
      expect(server.state().issuers[0]?.keys.count).toBe(1)
    } finally {
      await issuer.start()
    }
  })

  it('endpoint up, hostile kids', async () => {
    const server = await warmServer()
    for (const kid of ['__proto__', 'constructor', 'toString', '', '\u0000', '"', '\ud800', 'x'.repeat(256)]) {
      expect(await send(server, bogus(kid))).toMatchObject({ status: 401, reason: 'unknown_key' })
    }
    expect(await send(server, bogus('x'.repeat(257)))).toMatchObject({ status: 401, reason: 'token_too_large' })
    expect(issuer.hits.keys).toBe(2)
  })
})

describe('a genuinely new key', () => {
  it('is fetched once for many concurrent requests, and all are accepted', async () => {
    const server = await warmServer()
    const next = await issuer.rotate({ keepOld: true })
    const token = await issuer.sign({}, {}, next)
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => send(server, token)))
    expect(tally(outcomes)).toEqual({ 200: 1000 })
    expect(issuer.hits.keys).toBe(2)
  })

  it('is found once the cooldown that bogus keys started is over', async () => {
    const server = await warmServer()
    expect((await send(server, bogus('x'))).status).toBe(401)
    const token = await issuer.sign({}, {}, await issuer.rotate({ keepOld: true }))
    expect((await send(server, token)).status).toBe(401)
    clock.advance(29)
    expect((await send(server, token)).status).toBe(401)
    expect(issuer.hits.keys).toBe(2)
    clock.advance(2)
    expect((await send(server, token)).status).toBe(200)
    expect(issuer.hits.keys).toBe(3)
  })

  it('is found although a refresh that started before the rotation is pending', async () => {
    const server = await warmServer()
    clock.advance(90_000)
    const respond = issuer.onKeys
    const old = issuer.keys
    let release = () => undefined as unknown
    const requested = new Promise<void>((resolve) => {
      issuer.onKeys = (request, response) => {
        resolve()
        release = () => {
          // The key set as it was when the request arrived.
          const now = issuer.keys
          issuer.keys = old
          respond(request, response)
          issuer.keys = now
        }
      }
    })
    expect((await send(server, await issuer.sign())).status).toBe(200)
    await requested
    const token = await issuer.sign({}, {}, await issuer.rotate({ keepOld: true }))
    issuer.onKeys = respond
    const outcomes = Promise.all(Array.from({ length: 200 }, () => send(server, token)))
    release()
    expect(tally(await outcomes)).toEqual({ 200: 200 })
    expect(issuer.hits.keys).toBe(3)
  })
})

describe('caches between us and the issuer (K11, RFC 9111 §5.2.1.4)', () => {
  it('revalidate for a fetch that a new key forces, and need not for any other', async () => {
    // A shared cache with ten minutes of freshness that keeps to RFC 9111.
    const { onKeys } = issuer
    let stored: string | undefined
    const sent: (string | undefined)[] = []
    const cache: typeof fetch = async (input, init) => {
      if (!String(input).endsWith('/jwks')) return fetch(input, init)
      const control = new Headers(init?.headers).get('cache-control') ?? undefined
      sent.push(control)
      if (stored === undefined || control === 'no-cache') stored = await (await fetch(input, init)).text()
      return new Response(stored, { headers: { 'content-type': 'application/json', 'cache-control': 'max-age=600' } })
    }
    issuer.onKeys = onKeys
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, fetch: cache })
    await server.ready()
    clock.advance(31)
    const next = await issuer.rotate({ keepOld: true })
    expect((await send(server, await issuer.sign({}, {}, next))).status).toBe(200)
    clock.advance(590)
    expect((await send(server, await issuer.sign({}, {}, next))).status).toBe(200)
    await until(() => sent.length === 3, 'the refresh in the background')
    expect(sent).toEqual([undefined, 'no-cache', undefined])
  })

  it('a bad signature under a known kid forces the same fetch: the key behind it may have changed', async () => {
    const sent: (string | null)[] = []
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, keys: `${issuer.url}/jwks` },
      fetch: (input, init) => {
        sent.push(new Headers(init?.headers).get('cache-control'))
        return fetch(input, init)
      },
    })
    await server.ready()
    clock.advance(31)
    const stranger = await createSigningKey('ES256', issuer.keys[0]?.kid)
    expect(await send(server, await issuer.sign({}, {}, stranger))).toMatchObject({ status: 401, reason: 'signature' })
    expect(sent).toEqual([null, 'no-cache'])
  })
})

describe('a key with another algorithm', () => {
  it.each(['RS512', 'PS256'])('an RSA key without alg is used with RS256, so %s is 401 algorithm', async (alg) => {
    const rsa = await createSigningKey('RS256', 'rsa')
    issuer.onKeys = (_request, response) => json(response, { keys: [{ ...rsa.jwk, alg: undefined }] })
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    expect((await send(server, await issuer.sign({}, {}, rsa))).status).toBe(200)
    for (const kid of ['rsa', undefined]) {
      const token = await issuer.sign({}, { alg, kid }, rsa)
      expect(await send(server, token)).toMatchObject({ status: 401, reason: 'algorithm' })
    }
    expect(await send(server, await issuer.sign({}, { alg, kid: 'x' }, rsa))).toMatchObject({ reason: 'unknown_key' })
  })
})

describe('the blame for an unknown key', () => {
  it('401 while the issuer responds; 503 once the last attempt to load keys has failed (K5)', async () => {
    const server = await warmServer()
    expect(await send(server, bogus('a'))).toMatchObject({ status: 401, reason: 'unknown_key' })
    const respond = issuer.onKeys
    issuer.onKeys = fail
    clock.advance(31)
    expect(await send(server, bogus('a'))).toMatchObject({ status: 503, reason: 'keys_unavailable' })
    expect(await send(server, bogus('b'))).toMatchObject({ status: 503, reason: 'keys_unavailable' })
    issuer.onKeys = respond
    clock.advance(31)
    expect(await send(server, bogus('a'))).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('Retry-After is the time until the next attempt, including the cooldown', async () => {
    const server = await warmServer()
    issuer.onKeys = fail
    await send(server, bogus('a'))
    clock.advance(5)
    const before = issuer.hits.keys
    const { status, retryAfter } = await send(server, bogus('b'))
    expect(status).toBe(503)
    expect(issuer.hits.keys).toBe(before)
    expect(retryAfter).toBeGreaterThanOrEqual(24)
    expect(retryAfter).toBeLessThanOrEqual(30)
  })

  it('a bad signature under a cached key is 401, also while the issuer is down', async () => {
    const server = await warmServer()
    await issuer.stop()
    try {
      const stranger = await createSigningKey('ES256', issuer.keys[0]?.kid)
      expect(await send(server, await issuer.sign({}, {}, stranger))).toMatchObject({
        status: 401,
        reason: 'signature',
      })
    } finally {
      await issuer.start()
    }
  })
})

describe('bad signatures under a cached key', () => {
  it('force one fetch per cooldown as well, regardless of their number', async () => {
    const server = await warmServer()
    const kid = issuer.keys[0]?.kid ?? ''
    const outcomes = await Promise.all(Array.from({ length: 5000 }, () => send(server, bogus(kid))))
    expect(tally(outcomes)).toEqual({ '401 signature': 5000 })
    expect(tally(await Promise.all([send(server, bogus(kid)), send(server, bogus('y'))]))).toEqual({
      '401 signature': 1,
      '401 unknown_key': 1,
    })
    expect(issuer.hits.keys).toBe(2)
  })
})
