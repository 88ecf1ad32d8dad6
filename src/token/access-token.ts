import { isScopeToken } from '../http/grammar.ts'
import type { JsonObject } from '../platform/encoding.ts'
import type { NumericDate } from '../platform/time.ts'
import { freezeClaims } from './frozen-claims.ts'

/** A verified access token, as handlers see it. It and everything in it is frozen. */
export interface AccessToken<Claims = unknown, Scope extends string = string> {
  readonly format: 'jwt' | 'opaque'
  /** The configured issuer it comes from. */
  readonly issuer: string
  /** `sub` (RFC 9068 §2.2). */
  readonly subject: string | undefined
  /** `client_id`, or `azp` where that is missing. */
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly Scope[]
  hasScope(scope: Scope): boolean
  /** `jti`. */
  readonly tokenId: string | undefined
  /** `iat`, in seconds since the epoch. */
  readonly issuedAt: NumericDate | undefined
  /** `exp`, in seconds since the epoch; always set for a JWT. */
  readonly expiresAt: NumericDate | undefined
  /** What is known of how the subject signed in (RFC 9470 §6, RFC 9068 §2.2.1). */
  readonly authentication: Authentication
  /** Every claim; of the type of the `claims` schema where there is one. */
  readonly claims: Readonly<Claims>
  /** The token itself, for calls on behalf of the caller. Logs, JSON and copies of this object do not hold it. */
  readonly raw: string
}

export interface Authentication {
  /** `auth_time`, in seconds since the epoch. */
  readonly time?: NumericDate
  readonly acr?: string
  readonly amr?: readonly string[]
}

/** What verification found out. It is true of the token, whatever route it is used on. */
export interface Facts {
  readonly format: 'jwt' | 'opaque'
  readonly issuer: string
  readonly raw: string
  /** As the issuer wrote them; the typed members come from here. */
  readonly claims: JsonObject
  /** What handlers see: the same, or what the schema made of them. */
  readonly shown: unknown
  readonly scopeClaims: readonly string[]
}

class VerifiedAccessToken implements AccessToken {
  readonly format: 'jwt' | 'opaque'
  readonly issuer: string
  readonly subject: string | undefined
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly tokenId: string | undefined
  readonly issuedAt: NumericDate | undefined
  readonly expiresAt: NumericDate | undefined
  readonly authentication: Authentication
  readonly claims: Readonly<unknown>
  // Private members, because even `util.inspect` with `showHidden` passes over them.
  readonly #raw: string
  readonly #scopes: ReadonlySet<string>

  constructor(facts: Facts) {
    const { claims } = facts
    this.#raw = facts.raw
    this.#scopes = grantedScopes(claims, facts.scopeClaims)
    this.format = facts.format
    this.issuer = facts.issuer
    this.subject = stringClaim(claims, 'sub')
    this.clientId = stringClaim(claims, 'client_id') ?? stringClaim(claims, 'azp')
    this.audience = Object.freeze(listClaim(claims, 'aud') ?? [])
    this.scopes = Object.freeze([...this.#scopes])
    this.tokenId = stringClaim(claims, 'jti')
    this.issuedAt = numberClaim(claims, 'iat')
    this.expiresAt = numberClaim(claims, 'exp')
    this.authentication = authenticationOf(claims)
    this.claims = facts.shown as Readonly<unknown>
    Object.freeze(this)
  }

  get raw(): string {
    return this.#raw
  }

  hasScope(scope: string): boolean {
    return this.#scopes.has(scope)
  }
}

export function createAccessToken(facts: Facts): AccessToken {
  freezeClaims(facts.shown)
  return new VerifiedAccessToken(facts)
}

/**
 * The scopes of all scope claims together: a string of scopes separated by spaces (RFC 9068 §2.2.3), or a list of them.
 * A member that is no scope-token, such as a list element with a space in it, grants nothing.
 */
function grantedScopes(claims: JsonObject, names: readonly string[]): ReadonlySet<string> {
  const granted = new Set<string>()
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined
    const members = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
    for (const member of members) {
      if (typeof member === 'string' && isScopeToken(member)) granted.add(member)
    }
  }
  return granted
}

function stringClaim(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function numberClaim(claims: JsonObject, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function listClaim(claims: JsonObject, name: string): string[] | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : undefined
}

function authenticationOf(claims: JsonObject): Authentication {
  const time = numberClaim(claims, 'auth_time')
  const acr = stringClaim(claims, 'acr')
  const amr = listClaim(claims, 'amr')
  return Object.freeze({
    ...(time !== undefined && { time }),
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr: Object.freeze(amr) }),
  })
}
