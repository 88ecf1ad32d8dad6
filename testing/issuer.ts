import { metadataUrls } from '../src/discovery/fetch-metadata.ts'
import type { NumericDate } from '../src/util/time.ts'
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

/** What an issuer for tests is like; all of it has a default. */
export interface TestIssuerOptions {
  /** Its name, an absolute URL. Default: `https://auth.test`, or the address of `server`. */
  readonly issuer?: string
  /** What stands behind the default name, such as `/tenant`. */
  readonly path?: string
  /** The API its tokens are for. Default: `https://api.test`. */
  readonly resource?: string
  /** The algorithm it signs with. Default: `ES256`, the quickest to make keys for. */
  readonly alg?: string
  /** Claims of all its tokens; those of one token lie over them. */
  readonly claims?: Json
  /** Makes its clock stand still at this time. Default: it goes with the real one. */
  readonly now?: NumericDate
  /** Who may introspect. */
  readonly client?: IntrospectionClient
  /**
   * `createServer()` of `node:http`: it listens on a free port of loopback, for an API in another process. One that has
   * a listener already keeps it, and calls `issuer.listener` from there.
   */
  readonly server?: NodeServer
}

/**
 * An authorization server for tests, as far as a resource server sees one: metadata, a key set, an introspection
 * endpoint, and tokens of every kind. It lives in the process of the test and needs no socket.
 *
 * It checks nothing that a resource server is responsible for, and must never stand in front of anything real.
 */
export interface TestIssuer extends IssuerBehavior {
  readonly issuer: string
  readonly resource: string
  /** For the `fetch` option: answers for this issuer, and for nobody else. */
  readonly fetch: Fetch
  readonly clock: TestClock
  /** For the `client` option of `introspection`. */
  readonly client: IntrospectionClient
  /** Options of a resource server that trusts this issuer; put your own beside them. */
  readonly options: {
    readonly resource: string
    readonly issuer: string
    readonly fetch: Fetch
    readonly clock: () => NumericDate
  }
  /** The same for one that also introspects. */
  readonly introspectingOptions: Omit<TestIssuer['options'], 'issuer'> & {
    readonly issuer: { readonly issuer: string; readonly introspection: { readonly client: IntrospectionClient } }
  }
  /** The keys it publishes; it signs with the last one. */
  keys: SigningKey[]
  readonly requests: IssuerRequests
  /**
   * A good JWT access token (RFC 9068), with claims and header members laid over it; one that is `undefined` is left
   * out. Whatever the header says, it is signed with `key`.
   */
  jwt(claims?: Json, header?: Json, key?: SigningKey): Promise<string>
  /** A good opaque token, with members laid over what introspection answers. */
  opaque(members?: Json, token?: string): string
  /** A token that must be refused; for the reason, see `BAD_TOKENS`. */
  bad(name: BadToken, claims?: Json): Promise<string>
  /** Makes introspection call a token inactive, whatever kind it is of. */
  revoke(token: string): void
  /** Signs with a new key from now on, and publishes it instead of the present ones or beside them. */
  rotate(options?: { readonly keepOld?: boolean; readonly alg?: string }): Promise<SigningKey>
  /** For a server of `node:http` of your own. */
  readonly listener: NodeListener
  /** Closes the socket: real connections are refused from now on. Without a `server`, there is nothing to close. */
  stop(): Promise<void>
  /** Opens the socket again, at the same port. */
  start(): Promise<void>
}

const CLIENT: IntrospectionClient = Object.freeze({
  method: 'client_secret_basic',
  clientId: 'test-api',
  clientSecret: 'the secret of the test api',
})

const LIFETIME = 300

/**
 * Makes an authorization server for tests, with a key of its own. Without a `server`, it is reached through its `fetch`
 * alone, and nothing has to be closed.
 *
 * @throws what the `server` fails to listen with
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
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

  const places = new Map<string, Part>([
    ...metadataUrls(issuer).map((url): [string, Part] => [url, 'metadata']),
    [`${issuer.replace(/\/$/, '')}/jwks`, 'keys'],
    [`${issuer.replace(/\/$/, '')}/introspect`, 'introspection'],
  ])
  const [jwksUri = '', introspectionEndpoint = ''] = [...places.keys()].slice(-2)

  const answers: Readonly<Record<Part, (request: Request) => Response | Promise<Response>>> = {
    metadata: () => json({ issuer, jwks_uri: jwksUri, introspection_endpoint: introspectionEndpoint }),
    keys: () => json({ keys: testIssuer.keys.map(({ jwk }) => jwk) }),
    introspection: (request) => register.answer(request),
  }

  /** By its own clock, as servers say (RFC 9110 §6.6.1). */
  const dated = (response: Response): Response => {
    response.headers.set('date', new Date(clock.now() * 1000).toUTCString())
    return response
  }

  async function answer(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url)
    const part = places.get(`${origin}${pathname}`) ?? 'other'
    requests.record({ part, method: request.method, url: request.url })
    if (part === 'other') return json({ error: 'not_found' }, 404)
    return behavior.answer(part, request, async () => dated(await answers[part](request)))
  }

  const fetchHere: Fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== new URL(issuer).origin) {
      throw new TypeError('fetch failed', {
        cause: new Error(`the test issuer is ${issuer}, and answers for nobody else`),
      })
    }
    return unlessAborted(request.signal, answer(request))
  }

  const shared = { resource, fetch: fetchHere, clock: clock.now }
  const testIssuer: TestIssuer = {
    ...behavior,
    issuer,
    resource,
    client,
    clock,
    requests,
    fetch: fetchHere,
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
    listener: nodeListener(() => new URL(issuer).origin, answer),
    stop: async () => socket?.stop(),
    start: async () => socket?.start(),
  }
  if (server?.listenerCount('request') === 0) server.on('request', testIssuer.listener)
  return testIssuer
}

/** A fetch is over when its caller gives up, whatever the other side does. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
