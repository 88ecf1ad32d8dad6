import { base64url } from 'jose'
import type { Reason } from '../src/errors/reasons.ts'
import type { NumericDate } from '../src/util/time.ts'
import { createSigningKey, encodePart, macParts, type SigningKey, signParts } from './signing-key.ts'

type Json = Readonly<Record<string, unknown>>

/** What each recipe receives. */
export interface Forge {
  readonly issuer: string
  readonly key: SigningKey
  readonly now: NumericDate
  /** Claims of a valid token. `over` overrides them; `undefined` removes one. */
  claims(over?: Json): Json
  /** The same for the header. */
  header(over?: Json): Json
}

type Recipe = readonly [reason: Reason, make: (forge: Forge) => string | Promise<string>]

/** A correctly signed token, valid except for these claims and header parameters. */
const signed = (claims: (forge: Forge) => Json, header: (forge: Forge) => Json = () => ({})) => {
  return (forge: Forge) => signParts(forge.header(header(forge)), forge.claims(claims(forge)), forge.key)
}

const good = signed(() => ({}))

/** A valid token signed by a stranger, who chooses the header. */
const byStranger = (header: (forge: Forge, stranger: SigningKey) => Json) => async (forge: Forge) => {
  const stranger = await createSigningKey(forge.key.alg)
  return signParts(forge.header(header(forge, stranger)), forge.claims(), stranger)
}

/** A valid token, split into its parts and reassembled differently. */
const changed = (change: (header: string, claims: string, signature: string, forge: Forge) => string) => {
  return async (forge: Forge) => {
    const [header = '', claims = '', signature = ''] = (await good(forge)).split('.')
    return change(header, claims, signature, forge)
  }
}

const HOUR = 3600
const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} }

const RECIPES = {
  expired: ['expired', signed(({ now }) => ({ iat: now - 2 * HOUR, exp: now - HOUR }))],
  not_yet_valid: ['not_yet_valid', signed(({ now }) => ({ nbf: now + HOUR, exp: now + 2 * HOUR }))],
  issued_in_the_future: ['not_yet_valid', signed(({ now }) => ({ iat: now + HOUR, exp: now + 2 * HOUR }))],
  no_expiry: ['missing_claim', signed(() => ({ exp: undefined }))],
  expiry_as_text: ['malformed', signed(({ now }) => ({ exp: String(now + HOUR) }))],
  /** `1e999`, which many parsers read as infinity. */
  endless: ['malformed', endless],
  other_audience: ['audience', signed(() => ({ aud: 'https://other.example' }))],
  no_audience: ['missing_claim', signed(() => ({ aud: undefined }))],
  other_issuer: ['issuer', signed(({ issuer }) => ({ iss: `${issuer}/other` }))],
  /** Signed by a stranger, with the issuer's `kid`. */
  wrong_key: ['signature', byStranger(() => ({}))],
  /** Signed by a stranger, with an unknown `kid`. */
  unknown_key: ['unknown_key', byStranger((_forge, stranger) => ({ kid: stranger.kid }))],
  /** Signed by a stranger, whose key is in the header (RFC 8725 §3.10). */
  embedded_key: ['signature', byStranger((_forge, { jwk }) => ({ jwk: { ...jwk } }))],
  /** Signed by a stranger, with the URL of the key in the header (RFC 8725 §3.10). */
  key_from_url: [
    'unknown_key',
    byStranger((_forge, { kid }) => ({ kid, jku: 'https://elsewhere.test/jwks', x5u: 'https://elsewhere.test/x5c' })),
  ],
  /** `alg: none`, without a signature (RFC 8725 §3.1). */
  alg_none: ['algorithm', (forge) => `${encodePart(forge.header({ alg: 'none' }))}.${encodePart(forge.claims())}.`],
  /** `alg: HS256`, with the issuer's public key as the secret (RFC 8725 §3.1). */
  hmac_with_public_key: ['algorithm', hmacWithPublicKey],
  /** Its `alg` is not the algorithm of the key. */
  other_algorithm: [
    'algorithm',
    signed(
      () => ({}),
      ({ key }) => ({ alg: key.alg === 'RS256' ? 'PS256' : 'RS256' }),
    ),
  ],
  critical_extension: [
    'malformed',
    signed(
      () => ({}),
      () => ({ crit: ['urn:example:ext'], 'urn:example:ext': true }),
    ),
  ],
  /** The claims were changed after signing. */
  tampered_claims: [
    'signature',
    changed((header, _claims, signature, { claims }) => {
      return `${header}.${encodePart(claims({ sub: 'admin', scope: 'admin' }))}.${signature}`
    }),
  ],
  tampered_signature: [
    'signature',
    changed((header, claims, signature) => `${header}.${claims}.${flipped(signature)}`),
  ],
  no_signature: ['malformed', changed((header, claims) => `${header}.${claims}.`)],
  two_parts: ['malformed', changed((header, claims) => `${header}.${claims}`)],
  padded: ['malformed', changed((header, claims, signature) => `${header}.${claims}.${signature}==`)],
  id_token: [
    'token_type',
    signed(
      () => ({ nonce: 'n-0S6_WzA2Mj', at_hash: '77QmUPtjPfzWtF2AnpK9RQ', scope: undefined, client_id: undefined }),
      () => ({ typ: 'JWT' }),
    ),
  ],
  logout_token: [
    'token_type',
    signed(
      () => ({ sid: 'session-1', events: LOGOUT }),
      () => ({ typ: 'logout+jwt' }),
    ),
  ],
  refresh_token: [
    'token_type',
    signed(
      () => ({ typ: 'Refresh' }),
      () => ({ typ: 'JWT' }),
    ),
  ],
  dpop_proof: [
    'token_type',
    signed(
      () => ({ htm: 'GET', htu: 'https://api.example.com/' }),
      () => ({ typ: 'dpop+jwt' }),
    ),
  ],
  introspection_response: [
    'token_type',
    signed(
      () => ({ token_introspection: { active: true } }),
      () => ({ typ: 'token-introspection+jwt' }),
    ),
  ],
  /** Bound by an unknown confirmation method (RFC 7800 §3.1). */
  unknown_binding: ['confirmation', signed(() => ({ cnf: { 'urn:example:binding': 'x' } }))],
  /** 9 KiB. */
  too_large: ['token_too_large', signed(() => ({ padding: 'x'.repeat(9 * 768) }))],
  long_key_id: [
    'token_too_large',
    signed(
      () => ({}),
      () => ({ kid: 'k'.repeat(300) }),
    ),
  ],
  /** Encrypted (RFC 7516): five parts. A server that introspects refuses it as `inactive`. */
  encrypted: [
    'encrypted',
    () => [encodePart({ alg: 'RSA-OAEP', enc: 'A256GCM' }), ...[64, 12, 48, 16].map(noise)].join('.'),
  ],
  /** Random text. A server that introspects refuses it as `inactive`. */
  garbage: ['malformed', () => noise(24)],
} as const satisfies Readonly<Record<string, Recipe>>

/** The bad tokens, by name. */
export type BadToken = keyof typeof RECIPES

/** The reason for which a resource server with default options refuses each bad token. */
export const BAD_TOKENS = Object.freeze(
  Object.fromEntries(Object.entries(RECIPES).map(([name, [reason]]) => [name, reason])),
) as { readonly [Name in BadToken]: (typeof RECIPES)[Name][0] }

export const badToken = async (name: BadToken, forge: Forge): Promise<string> => {
  if (!Object.hasOwn(RECIPES, name)) throw new TypeError(`there is no bad token "${name}"`)
  return RECIPES[name][1](forge)
}

function noise(bytes: number): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))
}

/** Changes the first character: some bits of the last one may be unused. */
const flipped = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`

function endless(forge: Forge): Promise<string> {
  const claims = JSON.stringify(forge.claims({ exp: 0 })).replace('"exp":0', '"exp":1e999')
  return signParts(forge.header(), claims, forge.key)
}

function hmacWithPublicKey(forge: Forge): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(forge.key.jwk))
  return macParts(forge.header({ alg: 'HS256' }), forge.claims(), secret)
}
