import { checkConfirmation } from '../binding/confirmation.ts'
import { InvalidToken } from '../errors.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuers.ts'
import { parseCompactJwt } from '../jwt/compact.ts'
import { createHeaderReader } from '../jwt/header.ts'
import type { VerifiedJwt } from '../jwt/verify-jwt.ts'
import type { ServerSettings } from '../options/server-options.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import { type AccessToken, createAccessToken, type TokenFacts, tokenFacts } from '../token/access-token.ts'
import { validateClaims } from '../token/claims-schema.ts'
import { freezeClaims } from '../token/frozen-claims.ts'
import { digestOf } from './digest.ts'
import { createVerifiedTokens, type Verdict } from './verified-tokens.ts'

/** From a token to what is true of it, whatever request brings it. Throws or rejects for a bad one. */
export type VerifyToken = (raw: string) => MaybePromise<AccessToken>

export function createTokenVerifier(settings: ServerSettings, issuers: Issuers): VerifyToken {
  const { limits } = settings
  const readHeader = createHeaderReader(limits)
  const verified = createVerifiedTokens(limits.verified)

  /** For a token seen before: its issuer says whether its keys and its times still bear it out. */
  function confirm(verdict: Verdict, raw: string, digest: string): MaybePromise<TokenFacts> {
    return chain(issuers.select(verdict.issuer.name), (issuer) =>
      issuer === verdict.issuer && issuer.stillGood(verdict.jwt) ? verdict.facts : establish(raw, digest),
    )
  }

  /** The whole way, for a token that has not been seen before. */
  function establish(raw: string, digest: string): MaybePromise<TokenFacts> {
    const unverified = parseCompactJwt(raw, readHeader)
    return chain(issuers.select(unverified.claims.iss), (issuer) =>
      chain(issuer.verify(unverified), (jwt) => factsOf(jwt, issuer, digest, raw.length)),
    )
  }

  function factsOf(jwt: VerifiedJwt, issuer: Issuer, digest: string, size: number): MaybePromise<TokenFacts> {
    const { claims } = jwt
    checkConfirmation(claims)
    freezeClaims(claims)
    return chain(validateClaims(settings.claims, claims), (shown) => {
      const lasting = shown === claims || freezeClaims(shown)
      const facts = tokenFacts({ format: 'jwt', issuer: issuer.name, claims, shown, scopeClaims: issuer.scopeClaims })
      // What a handler can change must not be what the next request sees.
      if (lasting) verified.set(digest, { facts, issuer, jwt }, size)
      return facts
    })
  }

  return (raw) => {
    if (typeof raw !== 'string') throw new InvalidToken('malformed')
    if (raw.length > limits.token) throw new InvalidToken('token_too_large')
    return chain(digestOf(raw), (digest) => {
      const known = verified.get(digest)
      const facts = known ? confirm(known, raw, digest) : establish(raw, digest)
      return chain(facts, (found) => createAccessToken(found, raw))
    })
  }
}
