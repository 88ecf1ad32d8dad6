import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { openSocket } from '../../../testing/node-listener.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from './issuer.ts'

/** An introspection request as it came over the wire. */
export interface IntrospectionRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The parameters of the body, decoded. */
  readonly form: URLSearchParams
  /** The `token` parameter; empty if it is missing. */
  readonly token: string
}

/** Responds to a request. The order of the parameters matches the wrong responses of other suites. */
type Reply = (request: IncomingMessage, response: ServerResponse, introspection: IntrospectionRequest) => void

/** The default client authentication of a resource server. */
export const CLIENT = {
  method: 'client_secret_basic',
  clientId: 'orders-api',
  clientSecret: 'the secret of the orders api, long enough for records',
} as const

/**
 * An introspection endpoint on a real socket (RFC 7662 §2). It has a response for each token, records every request, and
 * responds 401 to a client that does not authenticate.
 *
 * The endpoint of the test kit returns a `Response` about tokens of its own issuer to one client, and records neither
 * headers nor forms. These tests need all of that: real sockets, responses that no issuer would send, clients of every
 * kind, and the request as it was sent.
 */
export interface IntrospectionEndpoint {
  readonly origin: string
  /** The URL for introspection requests. */
  readonly url: string
  /** The response for each token; other tokens are inactive. */
  readonly responses: Map<string, unknown>
  /** Every introspection request, in order. */
  readonly requests: IntrospectionRequest[]
  /** Requests to any other path: none may follow a redirect. */
  readonly strays: string[]
  /** The number of introspection requests, for one token or in total. */
  calls(token?: string): number
  /** Whether a client is authenticated. Replace it for other methods. */
  accepts: (introspection: IntrospectionRequest) => boolean
  /** Replace it to misbehave; `respondByToken` is the normal behavior. */
  reply: Reply
  readonly respondByToken: Reply
  /** Delays responses from now on. */
  hold(): Held
  stop(): Promise<void>
  /** Listens on the same port again. */
  start(): Promise<void>
}

export interface Held {
  /** One function per waiting request, in order of arrival: a call sends the response. */
  readonly waiting: (() => void)[]
  /** Responds to all waiting requests and to later ones. */
  release(): void
}

export async function createIntrospectionEndpoint(path = '/introspect'): Promise<IntrospectionEndpoint> {
  const requests: IntrospectionRequest[] = []
  const strays: string[] = []
  const responses = new Map<string, unknown>()
  const server = createServer(async (request, response) => {
    // A client that disconnects in the middle of its request does not count.
    const body = await text(request).catch(() => undefined)
    if (body === undefined) return
    if (request.url !== path) {
      strays.push(request.url ?? '')
      response.writeHead(404).end()
      return
    }
    const form = new URLSearchParams(body)
    const { method = '', headers } = request
    const introspection = { method, path, headers, body, form, token: form.get('token') ?? '' }
    requests.push(introspection)
    endpoint.reply(request, response, introspection)
  })
  const { origin, start, stop } = await openSocket(server)
  const respondByToken: Reply = (_request, response, introspection) => {
    if (endpoint.accepts(introspection)) json(response, responses.get(introspection.token) ?? { active: false })
    else response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}')
  }
  const endpoint: IntrospectionEndpoint = {
    origin,
    url: `${origin}${path}`,
    responses,
    requests,
    strays,
    calls: (token) => (token === undefined ? requests : requests.filter((one) => one.token === token)).length,
    accepts: ({ headers }) => headers.authorization === basic(CLIENT.clientId, CLIENT.clientSecret),
    reply: respondByToken,
    respondByToken,
    hold() {
      const { reply } = endpoint
      const waiting: (() => void)[] = []
      endpoint.reply = (...args) => void waiting.push(() => reply(...args))
      return {
        waiting,
        release() {
          endpoint.reply = reply
          for (const respond of waiting.splice(0)) respond()
        },
      }
    },
    start,
    stop,
  }
  return endpoint
}

/** `application/x-www-form-urlencoded`, one name or value (RFC 6749 Appendix B), as a second implementation. */
export const formEncoded = (value: string): string =>
  [...new TextEncoder().encode(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      if (/[A-Za-z0-9*._-]/.test(character)) return character
      return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

/** The Authorization header of RFC 6749 §2.3.1: both parts are form-encoded before base64. */
export const basic = (clientId: string, clientSecret: string): string =>
  `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`, 'latin1').toString('base64')}`

/** An introspection response for a good token, with overrides; `undefined` omits a member. */
export function activeResponse(members: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  const allMembers = {
    active: true,
    scope: 'read:orders',
    client_id: 'client-1',
    sub: 'user-1',
    aud: RESOURCE,
    token_type: 'Bearer',
    iat: now,
    exp: now + 3600,
    ...members,
  }
  return JSON.parse(JSON.stringify(allMembers)) as Record<string, unknown>
}

/** An issuer whose metadata names an introspection endpoint, and that endpoint. */
export interface IntrospectingIssuer {
  readonly issuer: TestIssuer
  readonly endpoint: IntrospectionEndpoint
  /** Adds a token whose response is active, with overrides. */
  opaque(members?: Record<string, unknown>, token?: string): string
  stop(): Promise<void>
}

export async function createIntrospectingIssuer(): Promise<IntrospectingIssuer> {
  const [issuer, endpoint] = await Promise.all([createTestIssuer({ alg: 'ES256' }), createIntrospectionEndpoint()])
  issuer.onMetadata = (_request, response) =>
    json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks`, introspection_endpoint: endpoint.url })
  return {
    issuer,
    endpoint,
    opaque(members = {}, token = opaqueToken()) {
      endpoint.responses.set(token, activeResponse(members))
      return token
    },
    async stop() {
      await Promise.all([issuer.stop(), endpoint.stop()])
    },
  }
}

/** A new token; `prefix` is for servers that distinguish issuers by it. */
export const opaqueToken = (prefix = ''): string => `${prefix}${crypto.randomUUID()}`
