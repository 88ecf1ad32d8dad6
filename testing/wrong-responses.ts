import { base64url } from 'jose'
import type { Part } from './parts.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const text = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  new Response(body, { status, headers: { ...JSON_TYPE, ...headers } })

/** Wrong responses for any endpoint. */
const FOR_ANY = {
  /** 500. */
  server_error: () => text('{}', 500),
  /** 503 with `Retry-After: 60`. */
  unavailable: () => text('{}', 503, { 'retry-after': '60' }),
  /** 429 with `Retry-After: 60`. */
  too_many_requests: () => text('{}', 429, { 'retry-after': '60' }),
  /** 404. */
  not_found: () => text('{}', 404),
  /** A proxy's sign-in page. */
  html: () => text('<!doctype html><title>Sign in</title>', 200, { 'content-type': 'text/html' }),
  /** Truncated JSON. */
  broken_json: () => text('{"keys":['),
  /** No body. */
  empty: () => text(''),
  /** A JSON array. */
  list: () => text('[]'),
  /** 2 MiB. */
  huge: () => text(`{"padding":"${'x'.repeat(2 ** 21)}"}`),
  /** 302 to another host. */
  redirect: () => text('', 302, { location: 'https://elsewhere.test/' }),
  /** The connection breaks within the body. */
  cut_off: () => new Response(cutOff(), { headers: JSON_TYPE }),
} as const satisfies Readonly<Record<string, () => Response>>

/** Responses of one endpoint with one mistake. */
const FOR_ONE = {
  /** Metadata of another issuer (RFC 8414 §3.3). */
  other_issuer: [
    'metadata',
    (issuer) => text(JSON.stringify({ issuer: `${issuer}/other`, jwks_uri: `${issuer}/jwks` })),
  ],
  /** Metadata without endpoints. */
  no_endpoints: ['metadata', (issuer) => text(JSON.stringify({ issuer }))],
  /** An empty key set. */
  no_keys: ['keys', () => text('{"keys":[]}')],
  /** A key set whose only key is RSA with 1024 bits (RFC 7518 §3.3). */
  weak_keys: ['keys', () => text(JSON.stringify({ keys: [weakKey()] }))],
  /** 401: the client is unknown, or its secret is wrong (RFC 7662 §2.3). */
  client_refused: ['introspection', () => text('{"error":"invalid_client"}', 401)],
  /** `active` is a string, which is truthy in many languages (RFC 7662 §2.2). */
  active_as_text: ['introspection', () => text('{"active":"false"}')],
} as const satisfies Readonly<Record<string, readonly [Part, (issuer: string) => Response]>>

/** The wrong responses, by name. */
export type WrongResponse = keyof typeof FOR_ANY | keyof typeof FOR_ONE

/** The wrong responses an endpoint can give. */
export const wrongResponsesFor = (part: Part): readonly WrongResponse[] => [
  ...(Object.keys(FOR_ANY) as (keyof typeof FOR_ANY)[]),
  ...(Object.keys(FOR_ONE) as (keyof typeof FOR_ONE)[]).filter((name) => FOR_ONE[name][0] === part),
]

/** @throws {TypeError} an unknown name, or one of another endpoint */
export function wrongResponse(name: WrongResponse, part: Part, issuer: string): () => Response {
  if (Object.hasOwn(FOR_ANY, name)) return FOR_ANY[name as keyof typeof FOR_ANY]
  const specific = Object.hasOwn(FOR_ONE, name) ? FOR_ONE[name as keyof typeof FOR_ONE] : undefined
  if (!specific || specific[0] !== part) throw new TypeError(`there is no wrong response "${name}" for ${part}`)
  return () => specific[1](issuer)
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
