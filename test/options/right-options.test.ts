import { createResourceServer, type IssuerOptions, type ResourceServerOptions } from 'bearward'
import { describe, expect, it } from 'vitest'
import { ALL_FEATURES } from '../../src/features/all.ts'
import { checkOptions } from '../../src/options.ts'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const keys = () => keySetOf(kit.signers.ES256)

const make = (members: Partial<ResourceServerOptions>, issuer: Partial<IssuerOptions> = {}) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keys(), ...issuer },
    clock: () => NOW,
    ...members,
  })

const reasonOf = async (attempt: () => unknown): Promise<unknown> => {
  try {
    await attempt()
    return 'accepted'
  } catch (thrown) {
    return (thrown as { reason?: unknown }).reason ?? thrown
  }
}

describe('options at the limits of their ranges', () => {
  it.each<[string, () => unknown]>([
    ['http on loopback for the issuer', () => make({ issuer: 'http://localhost:8080' })],
    ['http on 127.0.0.1', () => make({ issuer: 'http://127.0.0.1:8080' })],
    ['http on [::1]', () => make({ issuer: 'http://[::1]:8080' })],
    ['http on loopback for the resource', () => make({ resource: 'http://localhost:3000' })],
    ['a resource with a path and a query', () => make({ resource: 'https://api.example.com/v1?a=b' })],
    ['an internal URL over http', () => make({}, { internalUrl: 'http://keycloak:8080/realms/a' })],
    ['no tolerance', () => make({}, { clockTolerance: 0 })],
    ['the most tolerance', () => make({}, { clockTolerance: 60 })],
    ['keys that are never stale', () => make({}, { jwksCache: { staleIfError: 0 } })],
    [
      'the shortest jwksCache times',
      () => make({}, { jwksCache: { maxAge: 1, cooldown: 1, backoff: 0.001, maxBackoff: 0.001 } }),
    ],
    ['the largest limits', () => make({ limits: { token: 65_536, header: 65_536, keyId: 4096, keys: 10_000 } })],
    [
      'the smallest limits',
      () => make({ limits: { token: 1, header: 1, keyId: 1, keys: 1, keySet: 1, form: 1 }, cacheSize: { jwt: 0 } }),
    ],
    ['an audience of null', () => make({}, { audience: null })],
    [
      'ML-DSA, named by hand',
      () => make({ issuer: { issuer: ISSUER, algorithms: ['ML-DSA-44', 'ES256'], keys: keys() } }),
    ],
    ['all scope characters (RFC 6749 §3.3)', () => make({ scopes: ["!#$%&'()*+,-./:;<=>?@[]^_`{|}~a"] })],
    ['a list of one issuer', () => make({ issuer: [ISSUER] })],
    ['a resolver with a Set', () => make({ issuer: { allow: new Set([ISSUER]), resolve: () => ({ keys: keys() }) } })],
    ['a frozen object', () => createResourceServer(Object.freeze({ resource: RESOURCE, issuer: ISSUER }))],
  ])('%s', (_, attempt) => {
    expect(attempt).not.toThrow()
  })
})

describe('options are copied when the server is created', () => {
  it('later changes of arrays have no effect', async () => {
    const audience = ['urn:a']
    const algorithms: ('ES256' | 'RS256')[] = ['ES256']
    const scopeClaims = ['scope']
    const server = make({}, { audience, algorithms, scopeClaims })
    audience.push(RESOURCE)
    algorithms.pop()
    scopeClaims[0] = 'x'
    expect(await reasonOf(() => server.verify(kit.token()))).toBe('audience')
    expect((await server.verify(kit.token({ claims: kit.claims({ aud: 'urn:a' }) }))).scopes).toEqual(['read:orders'])
  })

  it('later changes of a key set have no effect', async () => {
    const set = structuredClone(keys()) as { keys: Record<string, unknown>[] }
    const server = make({}, { keys: set })
    set.keys[0] = kit.attacker.jwk as Record<string, unknown>
    set.keys.push(kit.attacker.jwk as Record<string, unknown>)
    expect(await reasonOf(() => server.verify(kit.token()))).toBe('accepted')
    const forged = kit.token({ signer: kit.attacker, header: kit.header({}, kit.attacker) })
    expect(await reasonOf(() => server.verify(forged))).toBe('unknown_key')
  })

  it('later changes of an allow-list have no effect', async () => {
    const allow = ['https://other.example']
    const server = make({ issuer: { allow, resolve: () => ({ keys: keys() }) } })
    allow.push(ISSUER)
    expect(await reasonOf(() => server.verify(kit.token()))).toBe('issuer')
  })

  it('later changes of the bytes of a secret have no effect, of a Buffer neither, whose slice() shares them', () => {
    const bytes = Buffer.alloc(32, 7)
    const { dpop, stores } = checkOptions(
      {
        resource: RESOURCE,
        issuer: ISSUER,
        stores: { secret: bytes },
        dpop: { nonce: { secret: bytes } },
      },
      ALL_FEATURES.options,
    )
    bytes.fill(0)
    const copy = new Uint8Array(32).fill(7)
    expect(dpop.nonce?.secret).toEqual(copy)
    expect(stores.secret).toEqual([copy])
  })

  it('the options object itself may change', async () => {
    const options = { resource: RESOURCE, issuer: { issuer: ISSUER, keys: keys() }, clock: () => NOW }
    const server = createResourceServer(options)
    options.clock = () => NOW + 10_000
    options.issuer.issuer = 'https://other.example'
    expect(await reasonOf(() => server.verify(kit.token()))).toBe('accepted')
  })
})

describe('defaults', () => {
  it('tolerance is 30 seconds', async () => {
    const server = make({})
    expect(await reasonOf(() => server.verify(kit.token({ claims: kit.claims({ exp: NOW - 29 }) })))).toBe('accepted')
    expect(await reasonOf(() => server.verify(kit.token({ claims: kit.claims({ exp: NOW - 30 }) })))).toBe('expired')
  })

  it('there is no greatest age', async () => {
    expect(await reasonOf(() => make({}).verify(kit.token({ claims: kit.claims({ iat: 0 }) })))).toBe('accepted')
  })

  it('the realm is the resource', () => {
    expect(make({}).metadata.document.resource).toBe(RESOURCE)
  })

  it('the clock is that of the system', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: ISSUER, keys: keys() } })
    const now = Math.floor(Date.now() / 1000)
    const token = (exp: number) => kit.token({ claims: kit.claims({ iat: undefined, exp }) })
    expect(await reasonOf(() => server.verify(token(now + 60)))).toBe('accepted')
    expect(await reasonOf(() => server.verify(token(now - 60)))).toBe('expired')
  })

  it('an audience of null accepts tokens for any audience, and tokens without one', async () => {
    const server = make({}, { audience: null })
    for (const aud of ['https://other.example.com', ['a', 'b'], undefined]) {
      expect(await reasonOf(() => server.verify(kit.token({ claims: kit.claims({ aud }) })))).toBe('accepted')
    }
    expect(await reasonOf(() => server.verify(kit.token({ claims: kit.claims({ aud: 1 }) })))).toBe('malformed')
  })
})
