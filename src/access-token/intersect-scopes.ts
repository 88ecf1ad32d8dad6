import type { JsonObject } from '../util/encoding.ts'
import type { TokenFacts } from './access-token.ts'
import { authenticationOf, bothAuthentications } from './authentication.ts'
import { authorizationDetailsOf, detailsOfBoth } from './authorization-details.ts'
import { bothConfirmations, confirmationOf } from './confirmation.ts'
import { grantedByBoth, type ScopeReader } from './scopes.ts'

/**
 * The facts about a token as far as other claims about it agree: they may take scopes and authorization details away,
 * make the sign-in look older, or bind it to more. They add nothing, and never take a binding away.
 *
 * @throws {InvalidToken} `confirmation` where both speak of different bindings
 */
export function narrowedFacts(
  facts: TokenFacts,
  claims: JsonObject,
  scopeClaims: readonly string[],
  readScopes: ScopeReader,
): TokenFacts {
  const speaksOf = (name: string) => Object.hasOwn(claims, name)
  const granted = scopeClaims.some(speaksOf)
    ? grantedByBoth(facts.granted, readScopes(claims, scopeClaims))
    : facts.granted
  return Object.freeze({
    ...facts,
    granted,
    scopes: granted.list,
    authorizationDetails: speaksOf('authorization_details')
      ? detailsOfBoth(facts.authorizationDetails, authorizationDetailsOf(claims))
      : facts.authorizationDetails,
    authentication: bothAuthentications(facts.authentication, authenticationOf(claims)),
    confirmation: bothConfirmations(facts.confirmation, confirmationOf(claims)),
  })
}
