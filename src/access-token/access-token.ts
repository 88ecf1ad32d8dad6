import { listClaim, numberClaim, stringClaim } from '../claims/typed-claims.ts'
import type { ReasonFor } from '../errors/reasons.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'
import { type Authentication, authenticationOf } from './authentication.ts'
import { type AuthorizationDetail, authorizationDetailsOf } from './authorization-details.ts'
import type { Confirmation } from './confirmation.ts'
import type { GrantedScopes } from './scopes.ts'

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
  /** As they were issued. */
  readonly scopes: readonly Scope[]
  /** True for these and, where `scopes` of the options says which scopes imply others, for those as well. */
  hasScope(scope: Scope): boolean
  /** `jti`. */
  readonly tokenId: string | undefined
  /** `iat`, in seconds since the epoch. */
  readonly issuedAt: NumericDate | undefined
  /** `exp`, in seconds since the epoch; always set for a JWT. */
  readonly expiresAt: NumericDate | undefined
  /** To what the token is bound (`cnf`); `undefined` for a bearer token. */
  readonly confirmation: Confirmation | undefined
  /** How the caller has proven that the token is theirs; `dpop` where they have proven it in both ways. */
  readonly boundBy: 'dpop' | 'mtls' | undefined
  /** What is known of how the subject signed in (RFC 9470 §6, RFC 9068 §2.2.1). */
  readonly authentication: Authentication
  /** What exactly the token is good for, where the issuer says so in `authorization_details` (RFC 9396 §9). */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Every claim; of the type of the `claims` schema where there is one. */
  readonly claims: Readonly<Claims>
  /** The token itself, for calls on behalf of the caller. Logs, JSON and copies of this object do not hold it. */
  readonly raw: string
}

/** What an issuer wrote into a token, once it has been verified. */
export interface VerifiedClaims {
  readonly format: 'jwt' | 'opaque'
  readonly issuer: string
  /** As the issuer wrote them; the typed members come from here. */
  readonly claims: JsonObject
  /** What handlers see: the same, or what the schema made of them. Frozen as far as it can be. */
  readonly exposed: unknown
  readonly granted: GrantedScopes
  readonly confirmation: Confirmation | undefined
  readonly reportOnlyReason: ReasonFor<'InvalidToken'> | undefined
}

/**
 * The facts about a token: true of it whatever request brings it, and prepared once. The token itself is not among
 * them, so that remembering facts does not mean keeping tokens.
 */
export interface TokenData extends VerifiedToken {
  readonly granted: GrantedScopes
  /** Why a rule that is on trial would have refused it; see `profile: 'report-only'`. */
  readonly reportOnlyReason: ReasonFor<'InvalidToken'> | undefined
}

export function tokenData(verified: VerifiedClaims): TokenData {
  const { format, issuer, claims, exposed: shown, granted, confirmation, reportOnlyReason } = verified
  return Object.freeze({
    format,
    issuer,
    subject: stringClaim(claims, 'sub'),
    clientId: stringClaim(claims, 'client_id') ?? stringClaim(claims, 'azp'),
    audience: Object.freeze(listClaim(claims, 'aud') ?? []),
    scopes: granted.list,
    granted,
    tokenId: stringClaim(claims, 'jti'),
    issuedAt: numberClaim(claims, 'iat'),
    expiresAt: numberClaim(claims, 'exp'),
    confirmation,
    authentication: authenticationOf(claims),
    authorizationDetails: authorizationDetailsOf(claims),
    claims: shown as Readonly<unknown>,
    reportOnlyReason,
  })
}

/** What is remembered of a token: all but the token itself, and what a request has proven. */
export type VerifiedToken<Claims = unknown, Scope extends string = string> = Omit<
  AccessToken<Claims, Scope>,
  'raw' | 'hasScope' | 'boundBy'
>

/** The facts as applications may see them: without what a token can do, which they could add to. */
export function verifiedToken({ granted: _, reportOnlyReason: __, ...known }: TokenData): VerifiedToken {
  return known
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
  readonly confirmation: Confirmation | undefined
  readonly boundBy: 'dpop' | 'mtls' | undefined
  readonly authentication: Authentication
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly claims: Readonly<unknown>
  // Private members, because even `util.inspect` with `showHidden` passes over them.
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

// One for all tokens: what a handler put there would speak for the tokens of others.
Object.freeze(VerifiedAccessToken.prototype)

/** A token as one request presents it. Whoever makes one has seen its bindings proven. */
export const createAccessToken = (verified: TokenData, raw: string): AccessToken =>
  new VerifiedAccessToken(verified, raw)
