import { listClaim, numberClaim, stringClaim } from '../claims/typed-claims.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import { type Authentication, authenticationOf } from './authentication.ts'
import { type AuthorizationDetail, authorizationDetailsOf } from './authorization-details.ts'
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

/** The verified claims of a token, and what was derived from them. */
export interface VerifiedClaims {
  readonly format: 'jwt' | 'opaque'
  readonly issuer: string
  /** As issued. The typed members of the access token come from here. */
  readonly claims: JsonObject
  /** What handlers see: the claims, or the output of the schema. Frozen as far as possible. */
  readonly exposed: unknown
  readonly granted: GrantedScopes
  readonly confirmation: Confirmation | undefined
  readonly violation: Refusal | undefined
}

/**
 * What is true of a verified token in every request. It is prepared once and excludes the token itself, so that caching
 * it stores no tokens.
 */
export interface TokenData extends VerifiedToken {
  readonly granted: GrantedScopes
  /** What the profile `rfc9068` would refuse it with; see `profile: 'report-only'`. */
  readonly violation: Refusal | undefined
}

export function tokenData(verified: VerifiedClaims): TokenData {
  const { format, issuer, claims, exposed, granted, confirmation, violation } = verified
  return Object.freeze({
    format,
    issuer,
    subject: stringClaim(claims, 'sub'),
    clientId: stringClaim(claims, 'client_id') ?? stringClaim(claims, 'azp'),
    audience: Object.freeze(listClaim(claims, 'aud') ?? []),
    scopes: granted.list,
    granted,
    tokenId: stringClaim(claims, 'jti'),
    sessionId: stringClaim(claims, 'sid'),
    issuedAt: numberClaim(claims, 'iat'),
    expiresAt: numberClaim(claims, 'exp'),
    confirmation,
    authentication: authenticationOf(claims),
    authorizationDetails: authorizationDetailsOf(claims),
    claims: exposed as Readonly<unknown>,
    violation,
  })
}

/** A verified token without the token itself and without what a single request proved. */
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
