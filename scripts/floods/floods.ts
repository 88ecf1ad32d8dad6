import { createResourceServer, introspected, type ResourceServerOptions } from 'bearward'
import { createDpopClient, createTestIssuer, type TestIssuer } from 'bearward/testing'
import type { Flood, Presented, Scene } from './flood.ts'

// Options as by default. Each scene has its own issuer, in this process.

const RESOURCE = 'https://api.test'

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** 64 random bytes, encoded. */
const noise = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(64))).toString('base64url')

/** A JWT whose signature no one made. */
function forged(iss: string, header: object = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss,
    aud: RESOURCE,
    sub: 'user-1',
    client_id: 'a',
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 300,
  }
  return `${encoded({ alg: 'ES256', typ: 'at+jwt', ...header })}.${encoded(claims)}.${noise()}`
}

type Fetch = TestIssuer['fetch']

/** The good callers have JWTs of one issuer. */
async function jwtScene(
  madeUp: (issuer: TestIssuer) => Presented,
  options: (issuer: TestIssuer) => Partial<ResourceServerOptions> = () => ({}),
): Promise<Scene> {
  const issuer = await createTestIssuer({ resource: RESOURCE })
  const server = createResourceServer({ ...issuer.options, ...options(issuer) } as ResourceServerOptions)
  const seen = await issuer.jwt()
  await server.verify(seen)
  const before = issuer.requests.all.length
  let good = 1
  return {
    server,
    madeUp: () => madeUp(issuer),
    seen: () => ({ token: seen }),
    async fresh() {
      good++
      return { token: await issuer.jwt() }
    },
    caused: () => ({ requests: issuer.requests.all.length - before, lookups: 0 }),
    // The first token was presented again, so that it has two entries.
    goodEntries: () => good + 1,
  }
}

/** The good callers have opaque tokens. Those seen before are introspected again for each request. */
async function opaqueScene(
  madeUp: () => string,
  respond?: (token: string, rightResponse: () => Promise<Response>) => Response | Promise<Response>,
): Promise<Scene> {
  const issuer = await createTestIssuer({ resource: RESOURCE })
  const good = new Set<string>()
  const issue = () => {
    const token = issuer.opaque()
    good.add(token)
    return token
  }
  let caused = 0
  const fetch: Fetch = async (input, init) => {
    const token = new URLSearchParams(String(init?.body ?? '')).get('token')
    if (token === null || good.has(token)) return issuer.fetch(input, init)
    caused++
    const rightResponse = () => issuer.fetch(input, init)
    return respond ? respond(token, rightResponse) : rightResponse()
  }
  const server = createResourceServer({ ...issuer.introspectingOptions, fetch })
  const seen = issue()
  await server.verify(seen)
  return {
    server,
    madeUp: () => ({ token: madeUp() }),
    seen: () => ({ token: seen, guards: [introspected({ maxAge: 0 })] }),
    fresh: () => ({ token: issue() }),
    caused: () => ({ requests: caused, lookups: 0 }),
    goodEntries: () => server.state().caches.active.entries,
  }
}

const PATTERN = /^https:\/\/login\.test\/tenant-\d+$/
const tenant = (index: number) => `https://login.test/tenant-${index}`

/** The good callers are those of one tenant. Lookups and key sets count. */
async function tenantScene(issOf: (count: number) => string): Promise<Scene> {
  const issuer = await createTestIssuer({ resource: RESOURCE })
  let [requests, lookups, count, good] = [0, 0, 0, 1]
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      allow: {
        // Of an issuer that is loaded, this is called for each request, good or not.
        has: async (iss) => {
          const isTrusted = PATTERN.test(iss)
          if (!isTrusted) lookups++
          return isTrusted
        },
      },
      resolve: async (iss) => {
        if (iss !== tenant(0)) lookups++
        return { keys: `${iss}/keys` }
      },
      alive: 50,
    },
    fetch: (async (input, init) => {
      if (!String(input).startsWith(`${tenant(0)}/`)) requests++
      return issuer.fetch(`${issuer.issuer}/jwks`, init)
    }) as Fetch,
  })
  const jwt = () => issuer.jwt({ iss: tenant(0) })
  const seen = await jwt()
  await server.verify(seen)
  return {
    server,
    madeUp: () => ({ token: forged(issOf(count++), { kid: issuer.keys[0]?.kid }) }),
    seen: () => ({ token: seen }),
    async fresh() {
      good++
      return { token: await jwt() }
    },
    caused: () => ({ requests, lookups }),
    goodEntries: () => good + 1,
  }
}

/** A stolen token, bound to a key that the sender does not have. */
async function proofScene(): Promise<Scene> {
  const issuer = await createTestIssuer({ resource: RESOURCE })
  const server = createResourceServer({ ...issuer.options, dpop: 'accept' })
  const url = `${RESOURCE}/orders`
  const owner = await createDpopClient()
  const signed = async () => {
    const token = await issuer.jwt({ cnf: owner.confirmation })
    return { token, proof: await owner.proof({ url, token }) }
  }
  const { token } = await signed()
  let good = 2
  const again = async () => ({ token, proof: await owner.proof({ url, token }) })
  // Loads the keys.
  await server.verify(await issuer.jwt())
  const before = issuer.requests.all.length
  let replays = 0
  return {
    server,
    async madeUp() {
      const thief = await createDpopClient()
      return { token, proof: await thief.proof({ url, token }) }
    },
    seen() {
      replays++
      return again()
    },
    fresh() {
      good++
      replays++
      return signed()
    },
    caused: () => ({ requests: issuer.requests.all.length - before, lookups: 0 }),
    goodEntries: () => good + replays + 1,
  }
}

const opaque = (): string => crypto.randomUUID()
const fail = (status: number) => () => Response.json({}, { status })

const ALL = { seen: 1, fresh: 1, entries: 0 }
const INACTIVE = { ...ALL, entries: 10_000 }
/** One fetch that the cooldown does not prevent, and one for each cooldown. */
const FORCED = { once: 1, perSecond: 1 / 30 }

export const FLOODS: readonly Flood[] = [
  {
    name: 'tokens of 9 KiB',
    setUp: () => jwtScene(() => ({ token: 'a'.repeat(9 * 1024) })),
    bounds: ALL,
  },
  {
    name: 'random text, without introspection',
    setUp: () => jwtScene(() => ({ token: opaque() })),
    bounds: ALL,
  },
  {
    name: 'JWTs with a forged signature',
    setUp: () => jwtScene(({ issuer, keys }) => ({ token: forged(issuer, { kid: keys[0]?.kid }) })),
    bounds: { ...ALL, requests: FORCED },
  },
  {
    name: 'JWTs with an unknown `kid`',
    setUp: () => jwtScene(({ issuer }) => ({ token: forged(issuer, { kid: crypto.randomUUID() }) })),
    bounds: { ...ALL, requests: FORCED },
  },
  {
    name: 'JWTs of unknown issuers',
    setUp: () => jwtScene(() => ({ token: forged(`https://${crypto.randomUUID()}.test`) })),
    bounds: ALL,
  },
  {
    name: 'JWTs of unknown issuers, to a server with tenants',
    setUp: () => tenantScene(() => `https://${crypto.randomUUID()}.test`),
    // 20 a second; each of those that are pending may be one more.
    bounds: { ...ALL, lookups: { once: 20 + 50, perSecond: 20 } },
  },
  {
    name: 'JWTs with a forged signature, of more tenants than are kept',
    setUp: () => tenantScene((count) => tenant(1 + (count % 60))),
    // A tenant that was evicted is resolved again, but its keys are not fetched again.
    bounds: { ...ALL, requests: { once: 60, perSecond: 60 / 30 }, lookups: { perRequest: 1 } },
  },
  { name: 'DPoP proofs with a new key each, for a stolen token', setUp: proofScene, bounds: ALL },
  {
    name: 'random opaque tokens',
    setUp: () => opaqueScene(opaque),
    bounds: { ...INACTIVE, requests: { perRequest: 1 } },
  },
  {
    name: 'one made-up opaque token',
    setUp: () => opaqueScene(() => 'a-made-up-token'),
    bounds: { ...ALL, entries: 1, requests: { once: 1, perSecond: 1 / 10 } },
  },
  {
    name: 'random opaque tokens, for which the endpoint responds 500',
    setUp: () => opaqueScene(opaque, fail(500)),
    bounds: { ...ALL, seen: 0.95, fresh: 0.95, requests: { once: 10, perRequest: 1 } },
  },
  {
    name: 'random opaque tokens, for which the endpoint responds 503',
    setUp: () => opaqueScene(opaque, fail(503)),
    bounds: { ...ALL, seen: 0.95, fresh: 0, requests: { perRequest: 2 } },
  },
  {
    name: 'random opaque tokens, for which the endpoint never responds',
    setUp: () => opaqueScene(opaque, () => new Promise<Response>(() => undefined)),
    bounds: { ...ALL, seen: 0.8, fresh: 0, requests: { perRequest: 1 } },
  },
]
