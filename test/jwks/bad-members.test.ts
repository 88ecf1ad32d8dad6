import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeyIndex, readKeySet } from '../../src/jwks/key-index.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { UNUSABLE_MEMBERS } from '../support/upstream/key-set-members.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const publish = (...members: readonly unknown[]) => {
  issuer.onKeys = (_request, response) => json(response, { keys: members })
}
const serverFor = (log = createLog()) =>
  createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent })

/** Members without a kid get one, unless the kid is what is wrong. */
const named = (member: unknown) =>
  typeof member === 'object' && member !== null && !Array.isArray(member) && !('kid' in member)
    ? { ...member, kid: 'bad' }
    : member

describe('an unusable member is skipped and reported, and the others serve (K7, RFC 7517 §5)', () => {
  for (const [what, member] of Object.entries(UNUSABLE_MEMBERS)) {
    it(what, async () => {
      const bad = named(member)
      publish(bad, issuer.keys[0]?.jwk, bad)
      const log = createLog()
      const server = serverFor(log)
      expect((await send(server, await issuer.sign())).status).toBe(200)
      expect(log.of('key_skipped')).toHaveLength(2)
      const [skipped] = log.of('key_skipped')
      expect(skipped).toMatchObject({ issuer: issuer.url })
      expect(skipped?.problem).toMatch(/^[a-z0-9_ ,.]+$/i)
      expect(log.of('keys')).toMatchObject([{ added: [issuer.keys[0]?.kid], total: 1 }])
      expect(server.state().issuers[0]?.keys).toMatchObject({ status: 'fresh', count: 1, lastError: undefined })
    })
  }

  it('all of them together', async () => {
    publish(...Object.values(UNUSABLE_MEMBERS), issuer.keys[0]?.jwk)
    const log = createLog()
    expect((await send(serverFor(log), await issuer.sign())).status).toBe(200)
    expect(log.of('key_skipped')).toHaveLength(Object.keys(UNUSABLE_MEMBERS).length)
  })

  it('a member nested as deep as JSON allows but stacks do not', async () => {
    const deep = `${'['.repeat(150_000)}${']'.repeat(150_000)}`
    const good = JSON.stringify(issuer.keys[0]?.jwk)
    // The second set: in a usable key, in a member that other types of keys have.
    for (const members of [
      `{"kty":"EC","crv":"P-256","kid":"deep","x":${deep},"y":"AA"},${good}`,
      `{"pub":${deep},${good.slice(1)}`,
    ]) {
      const body = `{"keys":[${members}]}`
      issuer.onKeys = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      expect((await send(serverFor(), await issuer.sign())).status).toBe(200)
    }
  })
})

it('what a member lacks is named, also where a certificate holds it (RFC 7517 §4.7)', async () => {
  const x5c = ['MIIB']
  const members = [
    { kty: 'RSA', kid: 'a', x5c },
    { kty: 'RSA', kid: 'b', e: 'AQAB' },
    { kty: 'EC', crv: 'P-256', kid: 'c', x5c },
    { kty: 'OKP', crv: 'Ed25519', kid: 'd' },
  ]
  publish(...members, issuer.keys[0]?.jwk)
  const log = createLog()
  await serverFor(log).ready()
  expect(log.of('key_skipped').map(({ kid, problem }) => [kid, problem])).toEqual([
    ['a', 'it has no n and e'],
    ['b', 'it has no n'],
    ['c', 'it has no x and y'],
    ['d', 'it has no x'],
  ])
})

it('a modulus in ordinary base64 is named, and not called short (RFC 7518 §6.3.1.1)', async () => {
  const n = Buffer.alloc(256, 0xfb).toString('base64')
  publish({ kty: 'RSA', kid: 'a', e: 'AQAB', n }, issuer.keys[0]?.jwk)
  const log = createLog()
  await serverFor(log).ready()
  expect(log.of('key_skipped')).toMatchObject([{ kid: 'a', problem: 'its n is not base64url' }])
})

describe('what is null in a key is absent, as in an introspection response (K7)', () => {
  // As the serializer of .NET writes a key: with all members that it could have.
  const names = ['alg', 'use', 'key_ops', 'd', 'dp', 'dq', 'k', 'n', 'e', 'oth', 'p', 'q', 'qi', 'x5t', 'x5u']
  const nulls = Object.fromEntries(names.map((name) => [name, null]))

  it('fetched', async () => {
    publish({ ...nulls, ...issuer.keys[0]?.jwk, alg: null, use: null })
    const log = createLog()
    expect((await send(serverFor(log), await issuer.sign())).status).toBe(200)
    expect(log.of('key_skipped')).toEqual([])
  })

  it('without a kid', async () => {
    publish({ ...issuer.keys[0]?.jwk, kid: null })
    expect((await send(serverFor(), await issuer.sign({}, { kid: undefined }))).status).toBe(200)
  })

  it('in the options', async () => {
    const keys = { keys: [{ ...nulls, ...issuer.keys[0]?.jwk }] }
    const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, keys } })
    expect((await send(server, await issuer.sign())).status).toBe(200)
  })

  it('private key material is not', async () => {
    publish({ ...nulls, ...issuer.keys[0]?.jwk, d: '' })
    expect((await send(serverFor(), await issuer.sign())).status).toBe(503)
  })
})

describe('a set without a usable key (K7)', () => {
  const SETS: Readonly<Record<string, readonly unknown[]>> = {
    'is empty': [],
    'has unusable members only': Object.values(UNUSABLE_MEMBERS),
  }
  for (const [what, members] of Object.entries(SETS)) {
    it(`${what}: cold 503`, async () => {
      publish(...members)
      const server = serverFor()
      expect((await send(server, await issuer.sign())).status).toBe(503)
      expect(server.state().issuers[0]?.keys.lastError?.code).toBe('no_usable_keys')
    })

    it(`${what}: never replaces a good one, until staleIfError has passed`, async () => {
      const server = serverFor()
      const token = await issuer.sign()
      await server.ready()
      publish(...members)
      for (const seconds of [500, 100, 1800, 1700]) {
        clock.advance(seconds)
        const before = server.state().issuers[0]?.keys.retryIn
        expect((await send(server, token)).status).toBe(200)
        await until(() => server.state().issuers[0]?.keys.retryIn !== before, 'the refresh')
        expect(server.state().issuers[0]?.keys.lastError?.code).toBe('no_usable_keys')
      }
      clock.advance(101)
      expect((await send(server, token)).status).toBe(503)
    })
  }
})

it('what a set lacks is in the state, whatever it is (RFC 7517 §5)', async () => {
  const usable = issuer.keys[0]?.jwk
  const cases: [unknown, string, string][] = [
    [{}, 'shape', 'the response is not a JWK Set'],
    [{ keys: {} }, 'shape', 'the response is not a JWK Set'],
    [{ keys: 'none' }, 'shape', 'the response is not a JWK Set'],
    [{ keys: [] }, 'no_usable_keys', 'the key set holds no usable key'],
    [{ keys: Array.from({ length: 101 }, () => usable) }, 'too_large', 'the key set has more than 100 keys'],
  ]
  for (const [set, code, message] of cases) {
    issuer.onKeys = (_request, response) => json(response, set)
    const server = serverFor()
    await expect(server.ready()).rejects.toThrow()
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject({ code, message: expect.stringContaining(message) })
  }
})

describe('limits of a set', () => {
  it('100 keys are accepted, 101 are not', async () => {
    const [key] = issuer.keys
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ ...key?.jwk, kid: `k${at}` }))
    publish(...many(100))
    expect((await send(serverFor(), await issuer.sign({}, { kid: 'k99' }))).status).toBe(200)
    publish(...many(101))
    const server = serverFor()
    expect((await send(server, await issuer.sign({}, { kid: 'k0' }))).status).toBe(503)
    expect(server.state().issuers[0]?.keys.lastError?.code).toBe('too_large')
  })

  it('unknown members are ignored (RFC 7517 §4)', async () => {
    publish({ ...issuer.keys[0]?.jwk, x5t: 'x', exp: 1, __proto__: null, custom: { deep: [1] } })
    expect((await send(serverFor(), await issuer.sign())).status).toBe(200)
  })

  it('an issuer of a key does not matter where none is known, as in `bearward inspect`', async () => {
    const keys = issuer.keys.map(({ jwk }) => ({ ...jwk, issuer: 'https://login.example' }))
    const rules = { algorithms: ['ES256'], maxKeys: 1 } as const
    const { entries } = await readKeySet({ keys }, rules, undefined, () => expect.fail('skipped'))
    expect(entries).toHaveLength(1)
  })

  it('a key that is in the previous set as well stays the same, so that cached tokens need no verification', async () => {
    const rules = { algorithms: ['ES256'], maxKeys: 2 } as const
    const jwk = issuer.keys[0]?.jwk
    const read = (keys: readonly unknown[], previous?: KeyIndex) =>
      readKeySet({ keys }, rules, previous, () => expect.fail('skipped'))
    const first = await read([jwk])
    const second = await read([{ ...jwk, kid: 'another' }, { ...jwk }], first)
    const [key] = first.entries
    expect(second.entries[1]).toBe(key)
    expect(second.entries[0]).not.toBe(key)
    expect(key && [first.has(key), second.has(key)]).toEqual([true, true])
    const [another] = second.entries
    expect(another && [first.has(another), second.has(another)]).toEqual([false, true])
  })

  it('a key without kid verifies tokens without kid', async () => {
    publish({ ...issuer.keys[0]?.jwk, kid: undefined })
    const server = serverFor()
    expect((await send(server, await issuer.sign({}, { kid: undefined }))).status).toBe(200)
    expect(await send(server, await issuer.sign())).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('a token without kid is tried with each key that could have signed it', async () => {
    for (let count = 1; count < 12; count++) await issuer.rotate({ keepOld: true })
    const server = serverFor()
    for (const key of issuer.keys) {
      expect((await send(server, await issuer.sign({}, { kid: undefined }, key))).status).toBe(200)
    }
  })

  it('of two keys with one kid, the signature selects', async () => {
    const [first] = issuer.keys
    const second = await issuer.rotate({ keepOld: true })
    publish(...issuer.keys.map(({ jwk }) => ({ ...jwk, kid: 'same' })))
    const server = serverFor()
    for (const key of [first, second]) {
      expect((await send(server, await issuer.sign({}, { kid: 'same' }, key))).status).toBe(200)
    }
  })
})
