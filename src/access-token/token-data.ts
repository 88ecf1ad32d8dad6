import { validateClaims } from '../claims/claims-schema.ts'
import { freezeClaims } from '../claims/freeze-claims.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import type { ReasonFor } from '../errors/reasons.ts'
import type { JsonObject } from '../util/encoding.ts'
import { chain, type MaybePromise } from '../util/maybe-promise.ts'
import { type TokenData, tokenData } from './access-token.ts'
import { type Confirmation, confirmationOf } from './confirmation.ts'
import type { ScopeReader } from './scopes.ts'

/** Claims that are good, whoever vouches for them. */
export interface ValidClaims {
  readonly format: TokenData['format']
  readonly claims: JsonObject
  readonly reportOnlyReason: ReasonFor<'InvalidToken'> | undefined
}

/** What the facts about a token need of its issuer. */
export interface ClaimsIssuer {
  readonly name: string
  readonly scopeClaims: readonly string[]
}

/** From claims to facts. */
export interface TokenReader {
  /** What follows from claims as they are. */
  plain(valid: ValidClaims, issuer: ClaimsIssuer): TokenData
  /**
   * What follows from claims as a schema shows them.
   *
   * @returns `lasting` false where a handler could change something: that must not be what the next request sees
   */
  validated(
    valid: ValidClaims,
    issuer: ClaimsIssuer,
  ): MaybePromise<{ readonly verified: TokenData; readonly immutable: boolean }>
}

export function createTokenReader(schema: StandardSchema<unknown> | undefined, readScopes: ScopeReader): TokenReader {
  function tokenOf(valid: ValidClaims, exposed: unknown, confirmation: Confirmation | undefined, issuer: ClaimsIssuer) {
    const { format, claims, reportOnlyReason } = valid
    const granted = readScopes(claims, issuer.scopeClaims)
    return tokenData({ format, issuer: issuer.name, claims, exposed, granted, confirmation, reportOnlyReason })
  }

  return {
    plain(valid, issuer) {
      const confirmation = confirmationOf(valid.claims)
      freezeClaims(valid.claims)
      return tokenOf(valid, valid.claims, confirmation, issuer)
    },
    validated(valid, issuer) {
      const confirmation = confirmationOf(valid.claims)
      freezeClaims(valid.claims)
      // Last of all: a schema is asked about tokens that are otherwise good.
      return chain(validateClaims(schema, valid.claims), (exposed) => ({
        verified: tokenOf(valid, exposed, confirmation, issuer),
        immutable: exposed === valid.claims || freezeClaims(exposed),
      }))
    },
  }
}
