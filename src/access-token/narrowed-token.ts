import { type ClaimPath, claimAt } from '../claims/claim-path.ts'
import { Refusal } from '../errors/refusal.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { TokenData } from './access-token.ts'
import { authenticationOf, bothAuthentications } from './authentication.ts'
import { authorizationDetailsOf, detailsOfBoth } from './authorization-details.ts'
import { bothConfirmations, confirmationOf } from './confirmation.ts'
import { grantedByBoth, type ScopeReader } from './scopes.ts'

/**
 * Narrows a verified token by other claims about it, such as an introspection response. They may remove scopes and
 * authorization details, make the sign-in older, or add a binding. They grant nothing and remove no binding.
 *
 * Refused with `confirmation` if the bindings contradict each other
 */
export function narrowedToken(
  verified: TokenData,
  claims: JsonObject,
  scopeClaims: readonly ClaimPath[],
  readScopes: ScopeReader,
): TokenData | Refusal {
  const other = confirmationOf(claims)
  if (other instanceof Refusal) return other
  const confirmation = bothConfirmations(verified.confirmation, other)
  if (confirmation instanceof Refusal) return confirmation
  const granted = scopeClaims.some((path) => claimAt(claims, path) !== undefined)
    ? grantedByBoth(verified.granted, readScopes(claims, scopeClaims))
    : verified.granted
  return Object.freeze({
    ...verified,
    granted,
    scopes: granted.list,
    authorizationDetails: Object.hasOwn(claims, 'authorization_details')
      ? detailsOfBoth(verified.authorizationDetails, authorizationDetailsOf(claims))
      : verified.authorizationDetails,
    authentication: bothAuthentications(verified.authentication, authenticationOf(claims)),
    confirmation,
  })
}
