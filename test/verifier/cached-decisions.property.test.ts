import { createResourceServer, type Decision, scope } from 'bearward'
import { revocation } from 'bearward/revocation'
import { createTestIssuer } from 'bearward/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { amount } from '../support/tiers/amount.ts'

// S5: one short synchronous path precedes the walk. A server that caches and one that caches nothing, so that each
// of its requests takes the walk, decide alike, whatever the request, the route and the time.

const NOW = 1_800_000_000
const issuer = await createTestIssuer({ now: NOW })

const { issuer: trusted, ...others } = issuer.introspectingOptions
const revoked = revocation({ maxLifetime: 3600 })
const common = { ...others, revocation: revoked }
const caching = createResourceServer({ ...common, issuer: trusted, scopes: { admin: ['read'], read: [], write: [] } })
const uncached = createResourceServer({
  ...common,
  issuer: { ...trusted, introspection: { ...trusted.introspection, cache: { active: 0, inactive: 0 } } },
  cacheSize: { jwt: 0, active: 0, inactive: 0 },
  scopes: { admin: ['read'], read: [], write: [] },
})

const TOKENS = [
  await issuer.jwt({ scope: 'read', exp: NOW + 60 }),
  await issuer.jwt({ scope: 'admin write', nbf: NOW + 50, exp: NOW + 100 }),
  await issuer.jwt({ scope: 'read', aud: 'https://other.example' }),
  await issuer.jwt({ scope: 'read', cnf: { jkt: `${'x'.repeat(42)}A` } }),
  await issuer.bad('wrong_key'),
  issuer.opaque({ scope: 'read', exp: NOW + 4000 }),
  await issuer.jwt({ scope: 'read', iat: NOW, exp: NOW + 4000 }),
  // Its issuer would call it inactive at `exp`, a cache only after the clock tolerance (I4): so it outlives the test.
  issuer.opaque({ active: false }),
  issuer.opaque({ scope: 'write', aud: 'https://other.example' }),
  'not.a.jwt',
  'a b',
  'ü',
  '',
]

const ROUTES = [[], [scope('read')], [scope('admin', 'write')], [() => true], [async () => false]] as const

const request = fc.record({
  token: fc.nat({ max: TOKENS.length - 1 }),
  scheme: fc.constantFrom('Bearer ', 'bearer  ', 'DPoP ', 'Basic ', 'Bearer\t'),
  lines: fc.constantFrom(0, 1, 1, 1, 1, 2),
  target: fc.constantFrom('/', '/', '/?a=1', '/?access_token=x'),
  route: fc.nat({ max: ROUTES.length - 1 }),
  optional: fc.boolean(),
  /** What happens to the tokens of the user before it. */
  before: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'revoke', 'restore'),
  /** Seconds that pass before it. */
  pause: fc.constantFrom(0, 0, 0, 1, 15),
})

type Sample = typeof request extends fc.Arbitrary<infer T> ? T : never

async function decide(server: typeof caching, { token, scheme, lines, target, route, optional }: Sample) {
  const authorization = Array.from({ length: lines }, () => `${scheme}${TOKENS[token]}`)
  const view = { native: {}, method: 'GET', target, authorization, contentType: undefined }
  const decision = await server.decide(view, server.guards(...(ROUTES[route] ?? [])), { optional })
  return seenBy(decision)
}

const seenBy = (decision: Decision) =>
  decision.allowed
    ? { token: decision.token?.raw, subject: decision.token?.subject, scopes: decision.token?.scopes }
    : { response: decision.response, reason: decision.toError().reason }

async function restoreAll() {
  for (const entry of await revoked.list()) await revoked.restore(entry)
}

it('a cached token is decided as an uncached one (S5, I5)', async () => {
  let atOnce = 0
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (samples) => {
      issuer.clock.set(NOW)
      await restoreAll()
      for (const sample of samples) {
        issuer.clock.advance(sample.pause)
        if (sample.before === 'revoke') await revoked.revoke({ issuer: trusted.issuer, all: true })
        if (sample.before === 'restore') await restoreAll()
        expect(await decide(caching, sample)).toEqual(await decide(uncached, sample))
      }
      await restoreAll()
      const view = {
        native: {},
        method: 'GET',
        target: '/',
        authorization: [`Bearer ${TOKENS[0]}`],
        contentType: undefined,
      }
      if (!(caching.decide(view, caching.guards()) instanceof Promise)) atOnce++
    }),
    { numRuns: amount(2000, 200) },
  )
  // Otherwise the property would have compared the walk with itself.
  expect(atOnce).toBeGreaterThan(0)
})
