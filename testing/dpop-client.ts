import { base64url, calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import type { Reason } from '../src/errors/reasons.ts'
import type { NumericDate } from '../src/util/time.ts'
import { createSigningKey, encodePart, macParts, type SigningKey, signParts } from './signing-key.ts'

type Json = Readonly<Record<string, unknown>>

/** The request to prove. */
export interface ProofRequest {
  /** Default: `GET`. */
  readonly method?: string
  /** The request URL. The proof omits its query and fragment. */
  readonly url: string
  /** The access token the request carries. */
  readonly token?: string
  /** The nonce the server requires. */
  readonly nonce?: string
}

/** A client that proves possession of its key with each request (RFC 9449). */
export interface DpopClient {
  readonly key: SigningKey
  /** The key's thumbprint (RFC 7638). */
  readonly thumbprint: string
  /** The `cnf` claim of a token bound to the key. */
  readonly confirmation: { readonly jkt: string }
  /** A valid proof, new each time. `claims` and `header` override its members; `undefined` removes one. */
  proof(request: ProofRequest, claims?: Json, header?: Json): Promise<string>
  /** A proof that must be refused. */
  badProof(name: BadProof, request: ProofRequest): Promise<string>
  /** The headers of a request with a token and a valid proof. */
  headers(request: ProofRequest & { readonly token: string }): Promise<{ authorization: string; dpop: string }>
}

/** Options of `createDpopClient()`. */
export interface DpopClientOptions {
  /** Default: `ES256`. */
  readonly alg?: string
  /** The issuer's clock, if a test changes it. Default: the real time. */
  readonly clock?: () => NumericDate
}

/** What each recipe receives. */
interface Workbench {
  readonly key: SigningKey
  readonly publicJwk: JWK
  readonly now: NumericDate
  readonly request: ProofRequest
  /** A proof signed with the client's key, or with `by`. */
  make(claims?: Json, header?: Json, by?: SigningKey): Promise<string>
}

const HOUR = 3600

type Recipe = readonly [reason: Reason, make: (bench: Workbench) => string | Promise<string>]

const RECIPES = {
  garbage: ['proof_malformed', () => 'garbage'],
  other_method: ['proof_method', ({ make, request }) => make({ htm: request.method === 'PUT' ? 'POST' : 'PUT' })],
  no_method: ['proof_claims', ({ make }) => make({ htm: undefined })],
  other_path: ['proof_target', ({ make, request }) => make({ htu: `${targetOf(request.url)}/other` })],
  other_origin: [
    'proof_target',
    ({ make, request }) => make({ htu: `https://elsewhere.test${new URL(request.url).pathname}` }),
  ],
  no_url: ['proof_claims', ({ make }) => make({ htu: undefined })],
  /** Created an hour ago. */
  old: ['proof_time', ({ make, now }) => make({ iat: now - HOUR })],
  /** Created an hour from now. */
  future: ['proof_time', ({ make, now }) => make({ iat: now + HOUR })],
  no_time: ['proof_claims', ({ make }) => make({ iat: undefined })],
  no_id: ['proof_claims', ({ make }) => make({ jti: undefined })],
  empty_id: ['proof_claims', ({ make }) => make({ jti: '' })],
  long_id: ['proof_claims', ({ make }) => make({ jti: 'i'.repeat(1000) })],
  /** For another access token. */
  other_token: ['proof_token', async ({ make }) => make({ ath: await digestOf('another token') })],
  /** For no access token. */
  no_token: ['proof_claims', ({ make }) => make({ ath: undefined })],
  no_type: ['proof_type', ({ make }) => make({}, { typ: undefined })],
  other_type: ['proof_type', ({ make }) => make({}, { typ: 'JWT' })],
  no_key: ['proof_key', ({ make }) => make({}, { jwk: undefined })],
  /** The header contains the client's private key (RFC 9449 §4.2). */
  private_key: ['proof_key', async ({ make, key }) => make({}, { jwk: await exportJWK(key.privateKey) })],
  /** Symmetric, with the secret in the header. */
  symmetric: ['proof_algorithm', symmetricProof],
  alg_none: ['proof_algorithm', unsignedProof],
  /** The header has the client's key, but another key signed. */
  wrong_signature: ['proof_signature', async ({ make, key }) => make({}, {}, await createSigningKey(key.alg))],
  critical_extension: [
    'proof_malformed',
    ({ make }) => make({}, { crit: ['urn:example:ext'], 'urn:example:ext': true }),
  ],
} as const satisfies Readonly<Record<string, Recipe>>

/** The bad proofs, by name. */
export type BadProof = keyof typeof RECIPES

/** The reason for which a resource server with default options refuses each bad proof. */
export const BAD_PROOFS: Readonly<Record<BadProof, Reason>> = Object.freeze(
  Object.fromEntries(Object.entries(RECIPES).map(([name, [reason]]) => [name, reason])) as Record<BadProof, Reason>,
)

/**
 * Creates a DPoP client with a new key (RFC 9449 §4.2). It makes valid and invalid proofs.
 *
 * It stores no nonce: pass the nonce of the last response to the next request.
 */
export async function createDpopClient(options: DpopClientOptions = {}): Promise<DpopClient> {
  const { clock = () => Date.now() / 1000 } = options
  const key = await createSigningKey(options.alg)
  const publicJwk = await exportJWK(key.publicKey)
  const thumbprint = await calculateJwkThumbprint(publicJwk)

  async function make(request: ProofRequest, claims: Json = {}, header: Json = {}, by = key): Promise<string> {
    return signParts(
      { typ: 'dpop+jwt', alg: by.alg, jwk: publicJwk, ...header },
      { ...(await claimsFor(request, Math.floor(clock()))), ...claims },
      by,
    )
  }

  const client: DpopClient = {
    key,
    thumbprint,
    confirmation: Object.freeze({ jkt: thumbprint }),
    proof: (request, claims, header) => make(request, claims, header),
    async badProof(name, request) {
      if (!Object.hasOwn(RECIPES, name)) throw new TypeError(`there is no bad proof "${name}"`)
      const now = Math.floor(clock())
      return RECIPES[name][1]({ key, publicJwk, now, request, make: (...args) => make(request, ...args) })
    },
    headers: async (request) => ({ authorization: `DPoP ${request.token}`, dpop: await make(request) }),
  }
  return client
}

/** RFC 9449 §4.2: the URI without query and fragment. */
const targetOf = (url: string): string => url.replace(/[?#].*$/s, '')

async function claimsFor({ method = 'GET', url, token, nonce }: ProofRequest, now: NumericDate): Promise<Json> {
  return {
    jti: crypto.randomUUID(),
    htm: method,
    htu: targetOf(url),
    iat: now,
    ...(token !== undefined && { ath: await digestOf(token) }),
    ...(nonce !== undefined && { nonce }),
  }
}

async function digestOf(text: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

async function symmetricProof({ request, now }: Workbench): Promise<string> {
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const jwk = { kty: 'oct', k: base64url.encode(secret) }
  return macParts({ typ: 'dpop+jwt', alg: 'HS256', jwk }, await claimsFor(request, now), secret)
}

async function unsignedProof({ request, now, publicJwk }: Workbench): Promise<string> {
  const header = { typ: 'dpop+jwt', alg: 'none', jwk: publicJwk }
  return `${encodePart(header)}.${encodePart(await claimsFor(request, now))}.`
}
