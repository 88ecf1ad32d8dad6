import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { openSocket } from '../../../testing/node-listener.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from './issuer.ts'

/** What an endpoint was asked, as it came over the wire. */
export interface Introspect {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The parameters of the body, decoded. */
  readonly form: URLSearchParams
  /** The `token` parameter; empty where there is none. */
  readonly token: string
}

/** Answers a question; the order of the parameters lets a bad answer of another suite stand in its place. */
type Reply = (request: IncomingMessage, response: ServerResponse, introspection: Introspect) => void

/** The way in which a resource server authenticates where a test does not care. */
export const CLIENT = {
  method: 'client_secret_basic',
  clientId: 'orders-api',
  clientSecret: 'the secret of the orders api',
} as const

/**
 * An introspection endpoint on a real socket (RFC 7662 §2). It knows what each token is answered with, keeps every
 * question, and answers 401 to a client that does not prove who it is.
 *
 * The endpoint of the test kit answers with a `Response`, about tokens that its own issuer gave out, to one client; it
 * keeps neither fields nor forms. Here all of that is what a test is about: what a socket carries, answers that no issuer
 * would give, clients of every kind, and the question as it was sent.
 */
export interface IntrospectionEndpoint {
  readonly origin: string
  /** Where questions go. */
  readonly url: string
  /** The answer to each token; a token that is not among them is inactive. */
  readonly answers: Map<string, unknown>
  /** Every question, in order. */
  readonly questions: Introspect[]
  /** Requests to any other path: none may follow a redirect. */
  readonly strays: string[]
  /** How often it was asked; for one token, or altogether. */
  calls(token?: string): number
  /** Whether a client has proved who it is. Replace it to want something else. */
  accepts: (introspection: Introspect) => boolean
  /** Replace it to misbehave; `answerTokens` is how it behaves. */
  reply: Reply
  readonly answerTokens: Reply
  /** Keeps answers back from now on. */
  hold(): Held
  stop(): Promise<void>
  /** Listens on the same port again. */
  start(): Promise<void>
}

export interface Held {
  /** One for each question that waits, in order of arrival: calls it to be answered. */
  readonly waiting: (() => void)[]
  /** Answers all that wait and those that come later. */
  release(): void
}

export async function createIntrospectionEndpoint(path = '/introspect'): Promise<IntrospectionEndpoint> {
  const questions: Introspect[] = []
  const strays: string[] = []
  const answers = new Map<string, unknown>()
  const server = createServer(async (request, response) => {
    // A client that goes away in the middle of its question has asked nothing.
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
    questions.push(introspection)
    endpoint.reply(request, response, introspection)
  })
  const { origin, start, stop } = await openSocket(server)
  const answerTokens: Reply = (_request, response, introspection) => {
    if (endpoint.accepts(introspection)) json(response, answers.get(introspection.token) ?? { active: false })
    else response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}')
  }
  const endpoint: IntrospectionEndpoint = {
    origin,
    url: `${origin}${path}`,
    answers,
    questions,
    strays,
    calls: (token) => (token === undefined ? questions : questions.filter((one) => one.token === token)).length,
    accepts: ({ headers }) => headers.authorization === basic(CLIENT.clientId, CLIENT.clientSecret),
    reply: answerTokens,
    answerTokens,
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

/** `application/x-www-form-urlencoded`, one name or value (RFC 6749 Appendix B), written down once more. */
export const formEncoded = (value: string): string =>
  [...new TextEncoder().encode(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      if (/[A-Za-z0-9*._-]/.test(character)) return character
      return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

/** The field a client sends that follows RFC 6749 §2.3.1: both parts are form-encoded before base64. */
export const basic = (clientId: string, clientSecret: string): string =>
  `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`, 'latin1').toString('base64')}`

/** An answer about a good token, with members laid over it; one that is `undefined` is left out. */
export function activeAnswer(members: Record<string, unknown> = {}): Record<string, unknown> {
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
  /** Makes a token known, with members laid over a good answer. */
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
      endpoint.answers.set(token, activeAnswer(members))
      return token
    },
    async stop() {
      await Promise.all([issuer.stop(), endpoint.stop()])
    },
  }
}

/** A token that nobody has seen before; `prefix` where issuers are told apart by it. */
export const opaqueToken = (prefix = ''): string => `${prefix}${crypto.randomUUID()}`
