import { createResourceServer, type ResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { createSigningKey, type SigningKey } from 'bearward/testing'
import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { createDice } from '../support/dice.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { ClockHistory, History } from './history.ts'

// I5, K12, N3: whatever is verified, forgotten, revoked and rotated in whatever order, also while requests are
// pending, each decision is one that a server without caches could have made within the documented time. The model knows
// the truth at each step. It has no cache.

const monotonic = useMonotonicClock()

const STEPS = amount(1_000_000, 6000)
const ISSUER = 'https://auth.example'
const BEGIN = 1_800_000_000
const KEYS = 3
const TOKENS = 8
const KEY_LIFETIME = 60
const COOLDOWN = 5
/** Seconds: the default for keys and introspection, and the longest pause after failures in a row. */
const DEADLINE = 3
const LONGEST_PAUSE = 60
/** The age of a key set counts from its arrival, at most this long after its request. */
const ABANDONED_AFTER = DEADLINE + 1
const UNAVAILABLE = '503'
/** More requests do not begin while this many are pending. */
const PENDING = 8

interface Token {
  raw: string
  readonly id: string
  readonly expiry: number
  /** The index of the key of a JWT; `undefined` for an opaque token. */
  readonly key: number | undefined
  /** What the issuer says of an opaque token. */
  readonly active: History
  /** Revoked for certain: from the end of `revoke()` to the beginning of `restore()`. */
  readonly revoked: History
  /** Possibly revoked: from the beginning of `revoke()` to the end of `restore()`. */
  readonly maybeRevoked: History
}

interface Node {
  readonly name: string
  readonly server: ResourceServer
  readonly cached: { readonly active: number; readonly inactive: number }
  /** By token: the step at which the last `forget()` that has ended began. */
  readonly forgotten: Map<Token, number>
}

it(`${STEPS} steps agree with a model without caches (RFC 7662 §4, RFC 7517)`, { timeout: 900_000 }, async () => {
  const dice = createDice(20_261_129)
  const clock = new ClockHistory(BEGIN)
  const keys: SigningKey[] = await Promise.all(Array.from({ length: KEYS }, () => createSigningKey()))
  const published = keys.map(() => new History(true))
  const upstream: { readonly since: number; readonly resume: () => void }[] = []
  /** When an upstream request last took longer than the deadline. Then, and while the circuit breaker is open, 503 is right. */
  let lateAt = Number.NEGATIVE_INFINITY
  let storeFails = false
  let step = 1

  /** Requests wait until the test lets the issuer respond, and the response until the test delivers it. */
  const turn = (since: number) => new Promise<void>((resume) => upstream.push({ since, resume }))

  const tokens: Token[] = []
  const byRaw = new Map<string, Token>()

  async function issue(): Promise<Token> {
    const key = dice.below(2) === 0 ? undefined : dice.below(KEYS)
    const id = `token-${byRaw.size}`
    const expiry = clock.now + 20 + dice.below(400)
    const claims = { iss: ISSUER, aud: RESOURCE, sub: `user-${dice.below(3)}`, jti: id, client_id: 'app', exp: expiry }
    const raw =
      key === undefined
        ? `opaque-${id}`
        : await new SignJWT({ ...claims, iat: clock.now })
            .setProtectedHeader({ alg: 'ES256', kid: (keys[key] as SigningKey).kid, typ: 'at+jwt' })
            .sign((keys[key] as SigningKey).privateKey)
    const [active, revoked, maybeRevoked] = [new History(true), new History(false), new History(false)]
    active.set(step, dice.below(4) > 0)
    const token = { raw, id, expiry, key, active, revoked, maybeRevoked }
    byRaw.set(raw, token)
    return token
  }

  const respond: typeof fetch = async (input, init) => {
    const isKeySet = String(input).endsWith('/jwks')
    const since = clock.now
    note(`upstream ${isKeySet ? 'keys' : 'introspection'} asked`)
    await turn(since)
    note(`upstream ${isKeySet ? `keys ${published.map(({ now }) => now)}` : 'introspection'}`)
    const body = isKeySet
      ? { keys: keys.filter((_, index) => published[index]?.now).map(({ jwk }) => jwk) }
      : introspect(new URLSearchParams(String(init?.body)).get('token') ?? '')
    const text = JSON.stringify(body)
    await turn(since)
    note(`upstream ${isKeySet ? 'keys' : 'introspection'} delivered`)
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }

  function introspect(raw: string): Record<string, unknown> {
    const token = byRaw.get(raw) as Token
    if (!token.active.now || clock.now >= token.expiry) return { active: false }
    return { active: true, aud: RESOURCE, sub: `user-of-${token.id}`, jti: token.id, exp: token.expiry }
  }

  const records = new Map<string, string>()
  const stored = async <T>(work: () => T): Promise<T> => {
    if (storeFails) throw new Error('the store fails')
    return work()
  }
  const store = {
    get: (key: string) => stored(() => records.get(key)),
    set: (key: string, value: string) => stored(() => records.set(key, value)),
    delete: (key: string) => stored(() => records.delete(key)),
  }

  const revoking = revocation({ maxLifetime: 500 })
  const node = (name: string, cached: Node['cached'], more: object): Node => ({
    name,
    cached,
    forgotten: new Map(),
    server: createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: ISSUER,
        keys: `${ISSUER}/jwks`,
        clockTolerance: 0,
        jwksCache: { maxAge: KEY_LIFETIME, cooldown: COOLDOWN, staleIfError: 0 },
        introspection: {
          endpoint: `${ISSUER}/introspect`,
          client: { method: 'client_secret_basic', clientId: 'api', clientSecret: 'secret'.repeat(8) },
          cache: cached,
        },
      },
      clock: () => clock.now,
      fetch: respond,
      revocation: revoking,
      ...more,
    }),
  })
  const stores = { introspection: store, secret: 'shared by all processes'.padEnd(32, '.') }
  /** A schema that takes a while: an invalidation may come in between. */
  const claims = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (value: unknown) => {
        await new Promise((resolve) => setImmediate(resolve))
        return { value }
      },
    },
  } as const
  const nodes = [
    node('shared', { active: 10, inactive: 5 }, { stores }),
    node('shared, with a schema', { active: 10, inactive: 5 }, { stores, claims }),
    node('alone', { active: 20, inactive: 2 }, {}),
    node('without a cache', { active: 0, inactive: 0 }, {}),
  ]

  const counts: Record<string, number> = {}
  const log: string[] = []
  const note = (text: string) => {
    log.push(`${step} ${clock.now - BEGIN}s ${text}`)
    if (log.length > 250) log.shift()
  }

  /** Whether the model permits an outcome of a request that began and ended at these steps. */
  function permits(outcome: string, { server: _, ...at }: Node, token: Token, begin: number, end: number): boolean {
    const forgotten = at.forgotten.get(token) ?? 0
    const within = (age: number) => clock.since(begin, age)
    const isExpired = (now: number) => now >= token.expiry
    const key = token.key === undefined ? undefined : (published[token.key] as History)
    if (outcome === 'allowed') {
      if (isExpired(clock.timeAt(begin)) || !token.revoked.wasEver(false, begin, end)) return false
      return key
        ? key.wasEver(true, within(KEY_LIFETIME + ABANDONED_AFTER), end)
        : token.active.wasEver(true, Math.max(within(at.cached.active), forgotten), end)
    }
    if (outcome === UNAVAILABLE) return clock.timeAt(begin) - lateAt < LONGEST_PAUSE
    if (outcome === 'revoked') return token.maybeRevoked.wasEver(true, begin, end)
    if (outcome === 'expired') return isExpired(clock.timeAt(end))
    if (outcome === 'unknown_key') return key?.wasEver(false, within(COOLDOWN), end) === true
    if (outcome !== 'inactive' || key) return false
    return (
      isExpired(clock.timeAt(end)) || token.active.wasEver(false, Math.max(within(at.cached.inactive), forgotten), end)
    )
  }

  let pending = 0
  function verify(at: Node, token: Token): void {
    const begin = step
    pending++
    // What is forgotten later does not bind this request.
    const forgotten = new Map(at.forgotten)
    note(`${at.name}: verify ${token.id}`)
    at.server
      .verify(token.raw)
      .then(
        () => 'allowed',
        (error) => (error.status === 503 ? UNAVAILABLE : String(error.reason ?? error)),
      )
      .then((outcome) => {
        pending--
        counts[outcome] = (counts[outcome] ?? 0) + 1
        note(`${at.name}: ${token.id}, begun at ${begin}: ${outcome}`)
        if (!permits(outcome, { ...at, forgotten }, token, begin, step)) wrong ??= `${log.join('\n')}\n${outcome}`
      })
  }
  let wrong: string | undefined

  async function forget(at: Node, tokensToForget: readonly Token[], call: () => Promise<void>): Promise<void> {
    const begin = step
    // It rejects if the store fails. Then this process ignores what is stored, all the same.
    await call().catch(() => undefined)
    for (const token of tokensToForget) at.forgotten.set(token, begin)
    note(`${at.name}: forgotten since ${begin}: ${tokensToForget.map(({ id }) => id)}`)
  }

  const revokedEntries = new Map<Token, { readonly id: string }>()
  async function revokeOrRestore(token: Token): Promise<void> {
    const entry = revokedEntries.get(token)
    if (entry) {
      token.revoked.set(step, false)
      revokedEntries.delete(token)
      await revoking.restore(entry as never)
      token.maybeRevoked.set(step, false)
    } else {
      token.maybeRevoked.set(step, true)
      revokedEntries.set(token, await revoking.revoke({ issuer: ISSUER, jti: token.id }))
      token.revoked.set(step, true)
    }
  }

  for (let index = 0; index < TOKENS; index++) tokens.push(await issue())
  for (; step <= STEPS && wrong === undefined; step++) {
    const token = dice.oneOf(tokens)
    const at = dice.oneOf(nodes)
    const draw = dice.below(100)
    if (draw < 55 && pending < PENDING) verify(at, token)
    else if (draw < 80 || pending >= PENDING)
      upstream.splice(dice.below(Math.min(3, upstream.length || 1)), 1)[0]?.resume()
    else if (draw < 85) token.active.set(step, !token.active.now)
    else if (draw < 88) void forget(at, [token], () => at.server.forget(token.raw))
    else if (draw < 89) {
      const some = tokens.filter(({ id }) => id.charCodeAt(id.length - 1) % 2 === 0)
      const ids = new Set(some.map(({ id }) => id))
      void forget(at, some, () => at.server.forget(({ tokenId }) => ids.has(tokenId ?? '')))
    } else if (draw < 91) await revokeOrRestore(token)
    else if (draw < 92) {
      const key = dice.oneOf(published)
      // An empty key set counts as a failure of the issuer.
      if (!key.now || published.filter(({ now }) => now).length > 1) key.set(step, !key.now)
    } else if (draw < 96) {
      const seconds = dice.below(30) === 0 ? 40 + dice.below(60) : dice.below(6) / 2
      await new Promise((resolve) => setImmediate(resolve)) // what has been delivered arrives before
      monotonic.advance(seconds)
      clock.advance(step, seconds)
      if (upstream.some(({ since }) => clock.now - since >= DEADLINE)) lateAt = clock.now
    } else if (draw < 97) storeFails = !storeFails
    else if (clock.now > token.expiry + 5) tokens[tokens.indexOf(token)] = await issue()
    if (draw % 3 === 0 || pending >= PENDING) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(wrong).toBeUndefined()
  // Everything has happened, so that the model had something to compare.
  for (const outcome of ['allowed', 'revoked', 'inactive', 'unknown_key', 'expired']) {
    expect(counts[outcome], outcome).toBeGreaterThan(STEPS / 500)
  }
  expect(Object.keys(counts).sort()).toEqual([UNAVAILABLE, 'allowed', 'expired', 'inactive', 'revoked', 'unknown_key'])
  expect(counts[UNAVAILABLE]).toBeLessThan(STEPS / 10)
  for (const { server } of nodes) server.close()
})
