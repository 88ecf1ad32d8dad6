import { metadataUrls } from '../src/discovery/fetch-metadata.ts'
import type { NumericDate } from '../src/util/time.ts'
import { requireKnown } from './assertion.ts'
import { type BadToken, badToken, type Forge } from './bad-tokens.ts'
import { createTestClock, type TestClock } from './clock.ts'
import { createTokenRegister, type IntrospectionClient, json } from './introspection.ts'
import { createIssuerBehavior, type IssuerBehavior } from './issuer-behavior.ts'
import { createRequestLog, type IssuerRequests } from './issuer-requests.ts'
import { type NodeListener, type NodeServer, nodeListener, openSocket, type Socket } from './node-listener.ts'
import type { Part } from './parts.ts'
import { createSigningKey, type SigningKey, signParts } from './signing-key.ts'

type Json = Readonly<Record<string, unknown>>

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Options of `createTestIssuer()`. */
export interface TestIssuerOptions {
  /** The issuer identifier, an absolute URL. Default: `https://auth.test`, or the origin of `server`. */
  readonly issuer?: string
  /** A path appended to the default identifier, such as `/tenant`. */
  readonly path?: string
  /** The audience of its tokens. Default: `https://api.test`. */
  readonly resource?: string
  /** The signing algorithm. Default: `ES256`, which has the fastest key generation. */
  readonly alg?: string
  /** Claims of all tokens. Claims of a single token override them. */
  readonly claims?: Json
  /** Fixes its clock at this time. Default: it follows the real clock. */
  readonly now?: NumericDate
  /** The client that may introspect. */
  readonly client?: IntrospectionClient
  /**
   * `createServer()` of `node:http`, for an API in another process: the issuer makes it listen on a free loopback port.
   * If the server already has a request listener, call `issuer.listener` from it.
   */
  readonly server?: NodeServer
}

/**
 * An authorization server for tests, as a resource server sees it: metadata, a key set, an introspection endpoint, and
 * tokens of every kind. It runs in the test's process and needs no socket.
 *
 * It issues invalid tokens on request. Never let a real API trust it.
 */
export interface TestIssuer extends IssuerBehavior {
  readonly issuer: string
  readonly resource: string
  /** The value for the `fetch` option. It serves this issuer's origin only. */
  readonly fetch: Fetch
  readonly clock: TestClock
  /** The value for `introspection.client`. */
  readonly client: IntrospectionClient
  /** Options of a resource server that trusts this issuer; spread them next to your own. */
  readonly options: {
    readonly resource: string
    readonly issuer: string
    readonly fetch: Fetch
    readonly clock: () => NumericDate
  }
  /** The same, with introspection. */
  readonly introspectingOptions: Omit<TestIssuer['options'], 'issuer'> & {
    readonly issuer: { readonly issuer: string; readonly introspection: { readonly client: IntrospectionClient } }
  }
  /** The published keys; the last one signs. */
  keys: SigningKey[]
  /** The requests the issuer has received. */
  readonly requests: IssuerRequests
  /**
   * A valid JWT access token (RFC 9068). `claims` and `header` override its members; `undefined` removes one. `key`
   * always signs, whatever the header says.
   */
  jwt(claims?: Json, header?: Json, key?: SigningKey): Promise<string>
  /** A valid opaque token. `members` override its introspection response. */
  opaque(members?: Json, token?: string): string
  /** A token that must be refused. `BAD_TOKENS` has the reason. */
  bad(name: BadToken, claims?: Json): Promise<string>
  /** Makes a token inactive for introspection, JWT or opaque. */
  revoke(token: string): void
  /** Signs with a new key. It replaces the published keys, or joins them with `keepOld`. */
  rotate(options?: { readonly keepOld?: boolean; readonly alg?: string }): Promise<SigningKey>
  /** The request listener for your own `node:http` server. */
  readonly listener: NodeListener
  /** Closes the server's socket, so that connections are refused. Does nothing without a `server`. */
  stop(): Promise<void>
  /** Opens the socket again, on the same port. */
  start(): Promise<void>
}

const CLIENT: IntrospectionClient = Object.freeze({
  method: 'client_secret_basic',
  clientId: 'test-api',
  clientSecret: 'the secret of the test api',
})

const LIFETIME = 300

const OPTIONS: readonly (keyof TestIssuerOptions)[] = [
  'issuer',
  'path',
  'resource',
  'alg',
  'claims',
  'now',
  'client',
  'server',
]

/**
 * Creates an authorization server for tests, with a new key. Without a `server` it is reachable only through its
 * `fetch`, and there is nothing to close.
 *
 * @throws the error of `server.listen()`
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  requireKnown('createTestIssuer', options, OPTIONS)
  const { resource = 'https://api.test', client = CLIENT, server } = options
  const key = await createSigningKey(options.alg)
  const socket: Socket | undefined = server && (await openSocket(server))
  const issuer = options.issuer ?? `${socket?.origin ?? 'https://auth.test'}${options.path ?? ''}`
  const clock = createTestClock(options.now)
  const requests = createRequestLog()
  const behavior = createIssuerBehavior(() => issuer)
  const register = createTokenRegister({ issuer, client, requests, now: clock.now, keys: () => testIssuer.keys })
  const seconds = () => Math.floor(clock.now())

  const claimsOf = (over: Json = {}): Json => ({
    iss: issuer,
    aud: resource,
    sub: 'user-1',
    client_id: 'client-1',
    jti: crypto.randomUUID(),
    iat: seconds(),
    exp: seconds() + LIFETIME,
    ...options.claims,
    ...over,
  })
  const headerOf = ({ alg, kid }: SigningKey, over: Json = {}): Json => ({ alg, kid, typ: 'at+jwt', ...over })
  const lastKey = (): SigningKey => testIssuer.keys.at(-1) ?? key

  const endpoints = new Map<string, Part>([
    ...metadataUrls(issuer).map((url): [string, Part] => [url, 'metadata']),
    [`${issuer.replace(/\/$/, '')}/jwks`, 'keys'],
    [`${issuer.replace(/\/$/, '')}/introspect`, 'introspection'],
  ])
  const [jwksUri = '', introspectionEndpoint = ''] = [...endpoints.keys()].slice(-2)

  const responses: Readonly<Record<Part, (request: Request) => Response | Promise<Response>>> = {
    metadata: () => json({ issuer, jwks_uri: jwksUri, introspection_endpoint: introspectionEndpoint }),
    keys: () => json({ keys: testIssuer.keys.map(({ jwk }) => jwk) }),
    introspection: (request) => register.respond(request),
  }

  /** `Date` by the issuer's own clock (RFC 9110 §6.6.1). */
  const dated = (response: Response): Response => {
    response.headers.set('date', new Date(clock.now() * 1000).toUTCString())
    return response
  }

  async function respond(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url)
    const part = endpoints.get(`${origin}${pathname}`) ?? 'other'
    requests.record({ part, method: request.method, url: request.url })
    if (part === 'other') return json({ error: 'not_found' }, 404)
    return behavior.respond(part, request, async () => dated(await responses[part](request)))
  }

  const fetchIssuer: Fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== new URL(issuer).origin) {
      throw new TypeError('fetch failed', {
        cause: new Error(`the test issuer serves only ${issuer}`),
      })
    }
    return unlessAborted(request.signal, respond(request))
  }

  const shared = { resource, fetch: fetchIssuer, clock: clock.now }
  const testIssuer: TestIssuer = {
    ...behavior,
    issuer,
    resource,
    client,
    clock,
    requests,
    fetch: fetchIssuer,
    options: Object.freeze({ ...shared, issuer }),
    introspectingOptions: Object.freeze({ ...shared, issuer: { issuer, introspection: { client } } }),
    keys: [key],
    jwt: (claims, header, by = lastKey()) => signParts(headerOf(by, header), claimsOf(claims), by),
    opaque(members, token = crypto.randomUUID()) {
      register.add(token, JSON.parse(JSON.stringify(claimsOf(members))) as Json)
      return token
    },
    bad(name, claims = {}) {
      const forge: Forge = {
        issuer,
        key: lastKey(),
        now: seconds(),
        claims: (over) => claimsOf({ ...claims, ...over }),
        header: (over) => headerOf(lastKey(), over),
      }
      return badToken(name, forge)
    },
    revoke: (token) => register.revoke(token),
    async rotate({ keepOld = false, alg = lastKey().alg } = {}) {
      const next = await createSigningKey(alg)
      testIssuer.keys = keepOld ? [...testIssuer.keys, next] : [next]
      return next
    },
    listener: nodeListener(() => new URL(issuer).origin, respond),
    stop: async () => socket?.stop(),
    start: async () => socket?.start(),
  }
  if (server?.listenerCount('request') === 0) server.on('request', testIssuer.listener)
  return testIssuer
}

/** An aborted fetch ends at once, even if the server never responds. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
