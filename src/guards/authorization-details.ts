import type { AuthorizationDetail } from '../access-token/authorization-details.ts'
import { func, text } from '../config/validate.ts'
import { isThenable } from '../util/thenable.ts'
import { type Calculation, run } from './evaluate.ts'
import type { Guard } from './guard.ts'

/** Decides whether one detail permits a request; only `true` does. */
type Match<Detail, Request> = (detail: Detail, request: Request) => boolean | Promise<boolean>

/**
 * The token must have an authorization detail of this type that matches (RFC 9396 §9). Without `match`, any detail of the
 * type suffices. What `match` throws is an error of the application. Details are read as the issuer sent them, in the
 * token or in the introspection response; a `claims` schema does not affect them.
 *
 * @typeParam Detail what your API expects in a detail of this type. It is not checked: issuers copy what clients wrote, so
 * `match` must handle members that are missing or of another type.
 * @throws {ConfigurationError} an empty type, or a `match` that is not a function
 */
export function authorizationDetails<
  Detail extends AuthorizationDetail = AuthorizationDetail,
  Request extends object = object,
>(type: Detail['type'], ...rest: readonly [match?: Match<Detail, Request>]): Guard<never, Request> {
  text(type, 'authorizationDetails')
  // An explicit `undefined` is a mistake that would permit any detail.
  const match = rest.length === 0 ? undefined : (func(rest[0], 'authorizationDetails.match') as Match<Detail, Request>)
  return Object.freeze({
    scopes: [],
    permits(token, request) {
      const details = token.authorizationDetails.filter((detail): detail is Detail => detail.type === type)
      return match ? run(anyMatches(details, request, match)) : details.length > 0
    },
  } satisfies Guard<never, Request>)
}

function* anyMatches<Detail, Request>(
  details: readonly Detail[],
  request: Request,
  match: Match<Detail, Request>,
): Calculation<boolean> {
  for (const detail of details) {
    const matches: unknown = match(detail, request)
    if ((isThenable(matches) ? yield matches : matches) === true) return true
  }
  return false
}
