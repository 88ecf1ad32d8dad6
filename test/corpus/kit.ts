import type { IssuerOptions, Reason, ResourceServerOptions } from 'bearward'
import type { RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { ALGORITHMS, createPair, createSigner, type KeyPair, keySetOf, type SignedWith, type Signer } from './keys.ts'

/** The fixed time of the servers under test: no case depends on the current date. */
export const NOW = 1_800_000_000

export const ISSUER = 'https://issuer.example'

type Part = string | Uint8Array | Readonly<Record<string, unknown>>

/** Signers and helpers for the token cases. */
export interface Kit {
  readonly signers: Readonly<Record<SignedWith, Signer>>
  /** The RSA key that all six RSA signers share. */
  readonly rsa: KeyPair
  /** An untrusted signer. */
  readonly attacker: Signer
  /** The URL from which the attacker wants us to fetch keys. */
  readonly attackerUrl: string
  /** More trusted issuers, with separate keys and rules. */
  readonly strict: Signer
  readonly narrow: Signer
  readonly lone: Signer
  /** Claims of a good token, with overrides; `undefined` omits a claim. */
  claims(over?: Readonly<Record<string, unknown>>): Record<string, unknown>
  header(over?: Readonly<Record<string, unknown>>, signer?: Signer): Record<string, unknown>
  /** A signed token. A string or bytes are used as they are, so a part can be anything. */
  token(parts?: { claims?: Part; header?: Part; signer?: Signer }): string
  /** A good token whose claims are an edited JSON text. */
  tokenWithJson(change: (json: string) => string, signer?: Signer): string
}

export const STRICT_ISSUER = 'https://strict.example'
export const NARROW_ISSUER = 'https://narrow.example/tenant'
export const LONE_ISSUER = 'https://lone.example'

/** @param attackerUrl by default, one at which nothing listens */
export function createKit(attackerUrl = 'http://127.0.0.1:1'): Kit {
  const rsa = createPair('RS256')
  const signers = Object.fromEntries(
    ALGORITHMS.map((alg) => [alg, createSigner(alg, `kid-${alg}`, /^[RP]S/.test(alg) ? rsa : createPair(alg))]),
  ) as Record<SignedWith, Signer>
  const kit: Kit = {
    signers,
    rsa,
    attackerUrl,
    attacker: createSigner('ES256', 'attacker'),
    // The same `kid` as the first issuer: keys of two issuers must never mix.
    strict: createSigner('ES256', 'kid-ES256'),
    narrow: createSigner('ES256', 'narrow'),
    lone: createSigner('ES256', 'lone'),
    claims: (over = {}) => ({
      iss: ISSUER,
      aud: RESOURCE,
      sub: 'user-1',
      client_id: 'client-1',
      jti: 'token-1',
      iat: NOW - 10,
      exp: NOW + 300,
      scope: 'read:orders',
      ...over,
    }),
    header: (over = {}, signer = signers.ES256) => ({ alg: signer.alg, kid: signer.kid, typ: 'at+jwt', ...over }),
    token({ claims = kit.claims(), header, signer = signers.ES256 } = {}) {
      return signed(header ?? kit.header({}, signer), claims, signer)
    },
    tokenWithJson: (change, signer = signers.ES256) =>
      signed(kit.header({}, signer), change(JSON.stringify(kit.claims())), signer),
  }
  return kit
}

export const encode = (part: Part): string =>
  Buffer.from(typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part)).toString(
    'base64url',
  )

export function signed(header: Part, claims: Part, signer: Signer): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${signer.sign(text).toString('base64url')}`
}

/** The parts of a token. */
export function partsOf(token: string): [header: string, claims: string, signature: string] {
  return token.split('.') as [string, string, string]
}

/** The options of the API under test: four issuers, static keys, and a fetch that only counts. */
export function optionsFor(kit: Kit, fetched: string[]): ResourceServerOptions {
  const issuers: IssuerOptions[] = [
    { issuer: ISSUER, keys: keySetOf(...Object.values(kit.signers)) },
    { issuer: STRICT_ISSUER, profile: 'rfc9068', maxAge: 600, keys: keySetOf(kit.strict) },
    { issuer: NARROW_ISSUER, algorithms: ['ES256'], clockTolerance: 0, keys: keySetOf(kit.narrow) },
    {
      issuer: LONE_ISSUER,
      audience: ['urn:orders', 'https://orders.example/'],
      scopeClaims: ['permissions', 'roles'],
      keys: { keys: [{ ...kit.lone.jwk, kid: undefined, alg: undefined, use: undefined }].map(withoutUndefined) },
    },
  ]
  return {
    resource: RESOURCE,
    issuer: issuers,
    clock: () => NOW,
    fetch: async (input) => {
      fetched.push(String(input))
      throw new Error('the corpus needs no network')
    },
  }
}

const withoutUndefined = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>

/** A token that must be refused. */
export interface TokenCase {
  readonly name: string
  readonly token: string
  readonly reason: Reason
  /** Default: invalid_token. */
  readonly error?: 'insufficient_scope'
}

/** A request that must be refused. */
export interface RequestCase {
  readonly name: string
  readonly request: RawRequest | string
  readonly reason: Reason
  readonly error?: 'invalid_request' | 'invalid_token'
}

export interface TokenFamily {
  readonly family: string
  make(kit: Kit): readonly TokenCase[]
}

/** Cases from a table: `{ [name]: token }` with one reason. */
export const refused = (reason: Reason, tokens: Readonly<Record<string, string>>): TokenCase[] =>
  Object.entries(tokens).map(([name, token]) => ({ name, token, reason }))

/** Cases for a list of values, each as the same claim. */
export function withClaim(
  kit: Kit,
  claim: string,
  reason: Reason,
  values: Readonly<Record<string, unknown>>,
): TokenCase[] {
  return Object.entries(values).map(([name, value]) => ({
    name: `${claim} is ${name}`,
    token: kit.token({ claims: kit.claims({ [claim]: value }) }),
    reason,
  }))
}

/** The same for header members. */
export function withHeader(
  kit: Kit,
  member: string,
  reason: Reason,
  values: Readonly<Record<string, unknown>>,
): TokenCase[] {
  return Object.entries(values).map(([name, value]) => ({
    name: `${member} is ${name}`,
    token: kit.token({ header: kit.header({ [member]: value }) }),
    reason,
  }))
}
