import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JWK, SignJWT } from 'jose'
import { createSigningKey, type SigningKey } from '../support/issuer/issuer.ts'

/** An authorization server for the programs on a page, under the URL that the page uses. */
export interface Authority {
  readonly issuer: string
  /** Signs exactly these claims; members that are `undefined` are omitted. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** Introspection responses by token; any other token is inactive. */
  readonly responses: Map<string, Record<string, unknown>>
}

export interface AuthorityOptions {
  readonly issuer: string
  /** Whether published keys have an `alg`. Default: true. */
  readonly keysNameAlgorithm?: boolean
  /** The location of its key set. Default: `/jwks` below the issuer. */
  readonly keysAt?: string
  /** Additional metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The location of its metadata. Default: that of OpenID Connect Discovery. */
  readonly metadataAt?: string
}

interface Reply {
  readonly status?: number
  readonly json: unknown
}

type Handler = (request: IncomingMessage, body: string) => Reply | Promise<Reply>

/**
 * The `https:` URLs that programs on pages fetch: a server on loopback to which their `fetch` is redirected. Everything
 * else is not found.
 */
export interface Internet {
  /** Source code that redirects `fetch` here, or other origins elsewhere; it is prepended to a program. */
  detour(others?: Readonly<Record<string, string>>): string
  /** The same for this process. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** The requested URLs, in order. */
  readonly requests: readonly string[]
  on(url: string, handler: Handler): void
  /** Delays the response at a URL until `held` is settled. */
  delay(url: string, held: Promise<unknown>): void
  authority(options: AuthorityOptions): Promise<Authority>
  stop(): Promise<void>
}

export async function startInternet(): Promise<Internet> {
  const places = new Map<string, Handler>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = `https:/${request.url}`
    requests.push(url)
    const handler = places.get(url)
    readAll(request)
      .then((body) => handler?.(request, body) ?? { status: 404, json: {} })
      .then((reply) => send(response, reply))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // As `fetch` writes it: without the default port.
  const on = (url: string, handler: Handler) => void places.set(new URL(url).href, handler)
  const fetchThere = globalThis.fetch
  // Slow to create, and no test depends on whose key it is.
  const key = await createSigningKey('RS256')
  return {
    detour: (others = {}) => `
      { const fetchThere = globalThis.fetch
        const others = ${JSON.stringify(others)}
        const there = (url) => Object.hasOwn(others, url.origin) ? others[url.origin] : \`${here}/\${url.host}\`
        globalThis.fetch = (input, init) => {
          const url = new URL(input)
          return fetchThere(url.protocol === 'https:' ? there(url) + url.pathname + url.search : url, init)
        } }`,
    fetch(input, init) {
      const { protocol, host, pathname, search } = new URL(input instanceof Request ? input.url : input)
      return fetchThere(protocol === 'https:' ? `${here}/${host}${pathname}${search}` : input, init)
    },
    requests,
    on,
    delay(url, held) {
      const handler = places.get(new URL(url).href)
      if (handler) on(url, async (request, body) => held.then(() => handler(request, body)))
    },
    authority: async (options) => settle(options, key, on),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function settle(options: AuthorityOptions, key: SigningKey, on: Internet['on']): Authority {
  const { issuer, keysNameAlgorithm = true } = options
  const base = issuer.replace(/\/$/, '')
  const { keysAt = `${base}/jwks`, metadataAt = `${base}/.well-known/openid-configuration` } = options
  const introspection = `${base}/introspect`
  const responses = new Map<string, Record<string, unknown>>()
  on(metadataAt, () => ({
    json: { issuer, jwks_uri: keysAt, introspection_endpoint: introspection, ...options.metadata },
  }))
  on(keysAt, () => ({ json: { keys: [published(key, keysNameAlgorithm)] } }))
  on(introspection, (_request, body) => ({
    json: responses.get(new URLSearchParams(body).get('token') ?? '') ?? { active: false },
  }))
  return {
    issuer,
    responses,
    sign(claims, header = {}) {
      const payload = JSON.parse(JSON.stringify(claims)) as Record<string, unknown>
      const protectedHeader = JSON.parse(JSON.stringify({ alg: key.alg, kid: key.kid, ...header })) as { alg: string }
      return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key.privateKey)
    },
  }
}

function published({ jwk }: SigningKey, namesAlgorithm: boolean): JWK {
  const { alg, ...others } = jwk
  return namesAlgorithm && alg !== undefined ? { ...others, alg } : others
}

async function readAll(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

function send(response: ServerResponse, { status = 200, json }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
}
