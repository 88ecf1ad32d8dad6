import type { Refusal } from '../errors/refusal.ts'
import type { NumericDate } from '../util/time.ts'
import type { Authentication } from './authentication.ts'
import type { AuthorizationDetail } from './authorization-details.ts'
import type { Confirmation } from './confirmation.ts'
import type { GrantedScopes } from './scopes.ts'

/** A verified access token, as handlers see it. It and everything in it is frozen. */
export interface AccessToken<Claims = unknown, Scope extends string = string> {
  readonly format: 'jwt' | 'opaque'
  /** The configured issuer of the token. */
  readonly issuer: string
  /** `sub` (RFC 9068 §2.2). */
  readonly subject: string | undefined
  /** `client_id`, or `azp` if `client_id` is missing. */
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  /** The scopes as issued, without implied ones. */
  readonly scopes: readonly Scope[]
  /** True for granted scopes and for the scopes they imply according to the option `scopes`. */
  hasScope(scope: Scope): boolean
  /** `jti`. */
  readonly tokenId: string | undefined
  /** `sid`: the session of the user at the issuer, if the token names it. */
  readonly sessionId: string | undefined
  /** `iat`, in seconds since the epoch. */
  readonly issuedAt: NumericDate | undefined
  /** `exp`, in seconds since the epoch; always set for a JWT. */
  readonly expiresAt: NumericDate | undefined
  /** The key or certificate the token is bound to (`cnf`); `undefined` for a bearer token. */
  readonly confirmation: Confirmation | undefined
  /** How the caller proved possession; `dpop` if they proved both. */
  readonly boundBy: 'dpop' | 'mtls' | undefined
  /** How the subject signed in, as far as the issuer states it (RFC 9470 §6, RFC 9068 §2.2.1). */
  readonly authentication: Authentication
  /** The token's `authorization_details` (RFC 9396 §9); empty if it has none. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Every claim, or the output of the `claims` schema if there is one. */
  readonly claims: Readonly<Claims>
  /** The token itself, for calls on behalf of the caller. It does not appear in logs, JSON or copies of this object. */
  readonly raw: string
}

/**
 * What is true of a verified token in every request. token-reader.ts creates it from the claims, once; the caches keep it,
 * and {@link createAccessToken} adds what belongs to one request. It excludes the token itself, so that caching it stores
 * no tokens.
 */
export interface TokenData extends VerifiedToken {
  readonly granted: GrantedScopes
  /** What the profile `rfc9068` would refuse it with; see `profile: 'report-only'`. */
  readonly violation: Refusal | undefined
}

/** What applications see of a cached token: everything but the token itself and what a single request proved. */
export type VerifiedToken<Claims = unknown, Scope extends string = string> = Omit<
  AccessToken<Claims, Scope>,
  'raw' | 'hasScope' | 'boundBy'
>

/** The part that applications may see. `granted` is left out: its `has()` decides what the token permits. */
export function verifiedToken({ granted: _, violation: __, ...visible }: TokenData): VerifiedToken {
  return visible
}

class VerifiedAccessToken implements AccessToken {
  readonly format: 'jwt' | 'opaque'
  readonly issuer: string
  readonly subject: string | undefined
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly tokenId: string | undefined
  readonly sessionId: string | undefined
  readonly issuedAt: NumericDate | undefined
  readonly expiresAt: NumericDate | undefined
  readonly confirmation: Confirmation | undefined
  readonly boundBy: 'dpop' | 'mtls' | undefined
  readonly authentication: Authentication
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly claims: Readonly<unknown>
  // Private members, because even `util.inspect` with `showHidden` does not print them.
  readonly #raw: string
  readonly #granted: GrantedScopes

  constructor(verified: TokenData, raw: string) {
    this.format = verified.format
    this.issuer = verified.issuer
    this.subject = verified.subject
    this.clientId = verified.clientId
    this.audience = verified.audience
    this.scopes = verified.scopes
    this.tokenId = verified.tokenId
    this.sessionId = verified.sessionId
    this.issuedAt = verified.issuedAt
    this.expiresAt = verified.expiresAt
    this.confirmation = verified.confirmation
    this.boundBy = verified.confirmation && (verified.confirmation.jkt === undefined ? 'mtls' : 'dpop')
    this.authentication = verified.authentication
    this.authorizationDetails = verified.authorizationDetails
    this.claims = verified.claims
    this.#raw = raw
    this.#granted = verified.granted
    Object.freeze(this)
  }

  get raw(): string {
    return this.#raw
  }

  hasScope(scope: string): boolean {
    return this.#granted.has(scope)
  }
}

// All tokens share it: a handler that changed it would change the tokens of other callers.
Object.freeze(VerifiedAccessToken.prototype)

/** The access token of one request. Callers must have checked its sender constraint before. */
export const createAccessToken = (verified: TokenData, raw: string): AccessToken =>
  new VerifiedAccessToken(verified, raw)
