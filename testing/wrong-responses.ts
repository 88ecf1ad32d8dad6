import { base64url } from 'jose'
import type { Part } from './parts.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const text = (body: string, status = 200, fields: Readonly<Record<string, string>> = {}) =>
  new Response(body, { status, headers: { ...JSON_TYPE, ...fields } })

/** Answers that are as wrong for one part as for another. */
const ANYWHERE = {
  /** 500. */
  server_error: () => text('{}', 500),
  /** 503 that asks for a minute. */
  unavailable: () => text('{}', 503, { 'retry-after': '60' }),
  /** 429 that asks for a minute. */
  too_many_requests: () => text('{}', 429, { 'retry-after': '60' }),
  /** 404. */
  not_found: () => text('{}', 404),
  /** A sign-in page, as proxies put it in the way. */
  html: () => text('<!doctype html><title>Sign in</title>', 200, { 'content-type': 'text/html' }),
  /** JSON that ends in the middle. */
  broken_json: () => text('{"keys":['),
  /** No body. */
  empty: () => text(''),
  /** JSON, but a list. */
  list: () => text('[]'),
  /** More than anybody should read: 2 MiB. */
  huge: () => text(`{"padding":"${'x'.repeat(2 ** 21)}"}`),
  /** To a place that nobody may be led to. */
  redirect: () => text('', 302, { location: 'https://elsewhere.test/' }),
  /** A connection that breaks in the middle of the body. */
  cut_off: () => new Response(cutOff(), { headers: JSON_TYPE }),
} as const satisfies Readonly<Record<string, () => Response>>

/** Answers that are right for their part but for one thing. */
const FOR_ONE = {
  /** Metadata that names somebody else (RFC 8414 §3.3). */
  other_issuer: [
    'metadata',
    (issuer) => text(JSON.stringify({ issuer: `${issuer}/other`, jwks_uri: `${issuer}/jwks` })),
  ],
  /** Metadata without an endpoint in it. */
  no_endpoints: ['metadata', (issuer) => text(JSON.stringify({ issuer }))],
  /** An empty key set. */
  no_keys: ['keys', () => text('{"keys":[]}')],
  /** A key set with nothing but an RSA key of 1024 bits (RFC 7518 §3.3). */
  weak_keys: ['keys', () => text(JSON.stringify({ keys: [weakKey()] }))],
  /** 401: the client is not known, or its secret is wrong (RFC 7662 §2.3). */
  client_refused: ['introspection', () => text('{"error":"invalid_client"}', 401)],
  /** An answer whose `active` is a text, which is true in too many languages (RFC 7662 §2.2). */
  active_as_text: ['introspection', () => text('{"active":"false"}')],
} as const satisfies Readonly<Record<string, readonly [Part, (issuer: string) => Response]>>

/** The ways in which an issuer can answer wrongly. */
export type WrongResponse = keyof typeof ANYWHERE | keyof typeof FOR_ONE

/** Those that fit a part. */
export const wrongResponsesFor = (part: Part): readonly WrongResponse[] => [
  ...(Object.keys(ANYWHERE) as (keyof typeof ANYWHERE)[]),
  ...(Object.keys(FOR_ONE) as (keyof typeof FOR_ONE)[]).filter((name) => FOR_ONE[name][0] === part),
]

/** @throws {TypeError} an answer that is none, or that does not fit the part */
export function wrongResponse(name: WrongResponse, part: Part, issuer: string): () => Response {
  if (Object.hasOwn(ANYWHERE, name)) return ANYWHERE[name as keyof typeof ANYWHERE]
  const known = Object.hasOwn(FOR_ONE, name) ? FOR_ONE[name as keyof typeof FOR_ONE] : undefined
  if (!known || known[0] !== part) throw new TypeError(`there is no wrong answer "${name}" for ${part}`)
  return () => known[1](issuer)
}

function weakKey() {
  const modulus = crypto.getRandomValues(new Uint8Array(128))
  modulus[0] = 0xff
  return { kty: 'RSA', kid: 'weak', alg: 'RS256', use: 'sig', e: 'AQAB', n: base64url.encode(modulus) }
}

function cutOff(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{'))
      controller.error(new TypeError('terminated'))
    },
  })
}
