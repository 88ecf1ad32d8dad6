import { createResourceServer, type InvalidToken, introspected, type ResourceServer, scope } from 'bearward'
import { expect, it } from 'vitest'
import { createDice } from '../support/dice.ts'
import { basic } from '../support/issuer/introspection-endpoint.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith } from '../support/upstream/requests.ts'
import {
  drawResponse,
  drawRoute,
  drawSetup,
  expectedOutcome,
  ISSUERS,
  isYoungEnough,
  RESOURCES,
  type RouteRules,
  type Setup,
  sharesResponses,
} from './lax-strict-world.ts'
import { createStub } from './stub.ts'

// I5: a lax route never helps a strict one. One token, one store, two servers with one route each: the response
// cached by the first must never change the outcome of the second.

const monotonic = useMonotonicClock()

const PAIRS = amount(100_000, 2000)
const BATCH = 100
const SERVERS = 120
const BEGIN = 1_800_000_000
const PAUSES = [0, 0, 0, 2, 7, 12, 25, 55, 90]
const SECRET = 'secret'

type IntrospectionResponse = Readonly<Record<string, unknown>>

interface Place {
  readonly setup: Setup
  readonly server: ResourceServer
}

it(`${PAIRS} pairs of routes agree with a reference without a cache (RFC 7662 §4)`, { timeout: 600_000 }, async () => {
  const dice = createDice(20_260_728)
  let now = BEGIN
  let calls = 0

  // The true responses, by issuer, client and token.
  const truth = new Map<string, IntrospectionResponse>()
  const nameOf = (issuer: string, client: string, token: string) => `${issuer} ${client} ${token}`
  const clients = new Map(['client-1', 'client-2'].map((client) => [basic(client, SECRET), client]))
  const say = (issuer: string, client: string, token: string) => {
    calls++
    const response = truth.get(nameOf(issuer, client, token))
    if (!response) throw new Error(`no response for ${issuer} ${client} ${token}`)
    return response
  }
  const stub = createStub(
    (token, { url, authorization }) => say(new URL(url).origin, clients.get(authorization) ?? '', token),
    false,
  )

  const store = new Map<string, string>()
  const place = (setup: Setup): Place => {
    const { issuer, client, active, inactive } = setup
    const cache = { active, inactive }
    const introspector =
      client === 'function'
        ? {
            introspect: { name: 'function', check: (token: string) => say(issuer, client, token) as never, cache },
            keys: null,
          }
        : {
            introspection: {
              endpoint: `${issuer}/introspect`,
              client: { method: 'client_secret_basic', clientId: client, clientSecret: SECRET } as const,
              cache,
            },
          }
    const server = createResourceServer({
      resource: setup.resource,
      issuer: {
        issuer,
        audience: setup.audience,
        clockTolerance: setup.tolerance,
        scopeClaims: [setup.scopeClaim],
        ...(setup.maxAge !== undefined && { maxAge: setup.maxAge }),
        ...introspector,
      },
      clock: () => now,
      fetch: stub.fetch,
      stores: { introspection: store, secret: 'shared by all processes'.padEnd(32, '.') },
    })
    return { setup, server }
  }
  const places = Array.from({ length: SERVERS }, () => place(drawSetup(dice)))

  const visit = async ({ server }: Place, { scopes, maxAge }: RouteRules, token: string): Promise<string> => {
    const guards = [
      ...(scopes.length > 0 ? [scope(...(scopes as [string, ...string[]]))] : []),
      ...(maxAge === undefined ? [] : [introspected({ maxAge })]),
    ]
    try {
      return `200 ${(await server.authenticate(requestWith(token), guards)).subject}`
    } catch (thrown) {
      return String((thrown as InvalidToken).status)
    }
  }

  const counts = { pairs: 0, alike: 0, cached: 0, changed: 0, allowed: 0, refused: 0 }
  let tokens = 0
  const drawTruth = (token: string, epoch: number) => {
    for (const issuer of ISSUERS) {
      for (const client of ['client-1', 'client-2', 'function']) {
        truth.set(
          nameOf(issuer, client, token),
          drawResponse(dice, issuer, now, `${token} ${client} ${epoch} ${issuer}`),
        )
      }
    }
  }
  const responseFor = ({ setup }: Place, token: string) =>
    truth.get(nameOf(setup.issuer, setup.client, token)) as IntrospectionResponse

  for (let batch = 0; batch < PAIRS / BATCH; batch++) {
    const pairs = Array.from({ length: BATCH }, () => {
      const first = dice.oneOf(places)
      // Often one that may share the response of the first; otherwise the cache would rarely be used.
      const alike = places.filter(({ setup }) => sharesResponses(setup, first.setup))
      const second = dice.below(3) === 0 ? dice.oneOf(places) : dice.oneOf(alike)
      return { first, second, lax: drawRoute(dice), strict: drawRoute(dice), token: `token-${++tokens}` }
    })
    for (const { token } of pairs) drawTruth(token, 0)
    const earlier = pairs.map(({ first, token }) => responseFor(first, token))
    for (const { first, lax, token } of pairs) {
      const response = responseFor(first, token)
      const outcome = await visit(first, lax, token)
      if (outcome !== expectedOutcome(response, first.setup, lax, now))
        expect({ outcome, setup: first.setup, lax, response }).toBeNull()
    }
    // Requests do not wait until their record is authenticated and stored.
    await new Promise((resolve) => setTimeout(resolve, 5))
    const pause = dice.oneOf(PAUSES)
    now += pause
    monotonic.advance(pause)
    for (const [index, { first, second, lax, strict, token }] of pairs.entries()) {
      const changed = dice.below(2) === 0
      if (changed) drawTruth(token, 1)
      const before = calls
      const outcome = await visit(second, strict, token)
      const response = earlier[index] as IntrospectionResponse
      const shares = sharesResponses(first.setup, second.setup)
      const introspected = calls > before
      const own = expectedOutcome(responseFor(second, token), second.setup, strict, now)
      const cached = expectedOutcome(response, second.setup, strict, now)
      const mayUseCached = shares && isYoungEnough(response, pause, second.setup, strict)
      const expected = introspected ? own : mayUseCached ? cached : 'an introspection request'
      if (outcome !== expected) {
        expect({ outcome, first: first.setup, lax, second: second.setup, strict, pause, response }).toEqual({
          expected,
        })
      }
      counts.pairs++
      if (shares) counts.alike++
      if (!introspected) counts.cached++
      if (changed) counts.changed++
      counts[outcome.startsWith('200') ? 'allowed' : 'refused']++
    }
    for (const { token } of pairs) {
      for (const issuer of ISSUERS)
        for (const client of ['client-1', 'client-2', 'function']) truth.delete(nameOf(issuer, client, token))
    }
    // These tokens are not used again, and this store evicts nothing by itself.
    store.clear()
  }

  // The cases that matter did occur.
  expect(counts.pairs).toBe(PAIRS)
  expect(new Set(places.map(({ setup }) => setup.resource)).size).toBe(RESOURCES.length)
  for (const [what, least] of Object.entries({
    alike: 0.5,
    cached: 0.2,
    changed: 0.4,
    allowed: 0.2,
    refused: 0.2,
  })) {
    expect(counts[what as keyof typeof counts] / PAIRS, what).toBeGreaterThan(least)
  }
})
