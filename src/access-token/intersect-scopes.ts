import type { JsonObject } from '../util/encoding.ts'
import type { TokenData } from './access-token.ts'
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
export function narrowedToken(
  verified: TokenData,
  claims: JsonObject,
  scopeClaims: readonly string[],
  readScopes: ScopeReader,
): TokenData {
  const speaksOf = (name: string) => Object.hasOwn(claims, name)
  const granted = scopeClaims.some(speaksOf)
    ? grantedByBoth(verified.granted, readScopes(claims, scopeClaims))
    : verified.granted
  return Object.freeze({
    ...verified,
    granted,
    scopes: granted.list,
    authorizationDetails: speaksOf('authorization_details')
      ? detailsOfBoth(verified.authorizationDetails, authorizationDetailsOf(claims))
      : verified.authorizationDetails,
    authentication: bothAuthentications(verified.authentication, authenticationOf(claims)),
    confirmation: bothConfirmations(verified.confirmation, confirmationOf(claims)),
  })
}
