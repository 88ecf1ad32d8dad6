import { validateClaims } from '../claims/claims-schema.ts'
import { freezeClaims } from '../claims/freeze-claims.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import type { ReasonFor } from '../errors/reasons.ts'
import type { JsonObject } from '../util/encoding.ts'
import { chain, type MaybePromise } from '../util/maybe-promise.ts'
import { type TokenFacts, tokenFacts } from './access-token.ts'
import { type Confirmation, confirmationOf } from './confirmation.ts'
import type { ScopeReader } from './scopes.ts'

/** Claims that are good, whoever vouches for them. */
export interface GoodClaims {
  readonly format: TokenFacts['format']
  readonly claims: JsonObject
  readonly onTrial: ReasonFor<'InvalidToken'> | undefined
}

/** What the facts about a token need of its issuer. */
export interface ClaimsIssuer {
  readonly name: string
  readonly scopeClaims: readonly string[]
}

/** From claims to facts. */
export interface FactsReader {
  /** What follows from claims as they are. */
  plain(good: GoodClaims, issuer: ClaimsIssuer): TokenFacts
  /**
   * What follows from claims as a schema shows them.
   *
   * @returns `lasting` false where a handler could change something: that must not be what the next request sees
   */
  validated(
    good: GoodClaims,
    issuer: ClaimsIssuer,
  ): MaybePromise<{ readonly facts: TokenFacts; readonly lasting: boolean }>
}

export function createFactsReader(schema: StandardSchema<unknown> | undefined, readScopes: ScopeReader): FactsReader {
  function factsOf(good: GoodClaims, shown: unknown, confirmation: Confirmation | undefined, issuer: ClaimsIssuer) {
    const { format, claims, onTrial } = good
    const granted = readScopes(claims, issuer.scopeClaims)
    return tokenFacts({ format, issuer: issuer.name, claims, shown, granted, confirmation, onTrial })
  }

  return {
    plain(good, issuer) {
      const confirmation = confirmationOf(good.claims)
      freezeClaims(good.claims)
      return factsOf(good, good.claims, confirmation, issuer)
    },
    validated(good, issuer) {
      const confirmation = confirmationOf(good.claims)
      freezeClaims(good.claims)
      // Last of all: a schema is asked about tokens that are otherwise good.
      return chain(validateClaims(schema, good.claims), (shown) => ({
        facts: factsOf(good, shown, confirmation, issuer),
        lasting: shown === good.claims || freezeClaims(shown),
      }))
    },
  }
}
