import { type Confirmation, confirmationOf } from '../binding/confirmation.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { ReasonFor } from '../reasons.ts'
import { type TokenFacts, tokenFacts } from './access-token.ts'
import { validateClaims } from './claims-schema.ts'
import { freezeClaims } from './frozen-claims.ts'
import type { ScopeReader } from './granted-scopes.ts'
import type { StandardSchema } from './standard-schema.ts'

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
