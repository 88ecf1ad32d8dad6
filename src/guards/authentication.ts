import { scopeToken } from '../access-token/scope-name.ts'
import { optional, shape } from '../config/shape.ts'
import { MAX, oneOrList, whole } from '../config/validate.ts'
import { ConfigurationError, InsufficientUserAuthentication } from '../errors/errors.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import type { Guard } from './guard.ts'

/** How the user must have signed in. At least one member is required. */
export interface AuthenticationOptions {
  /** Accepted values of `acr`, in order of preference. Only the authorization server knows which of them is stronger. */
  readonly acr?: string | readonly [string, ...string[]]
  /** The maximum number of seconds since `auth_time`: an integer, at least 1. */
  readonly maxAge?: Seconds
}

/** How far in the future `auth_time` may be: clocks differ. */
const FUTURE: Seconds = 60

/**
 * The user must have signed in recently, or in a certain way (RFC 9470 §3). Otherwise the request is refused with 401
 * `insufficient_user_authentication`, whose `acr_values` and `max_age` tell the client what to request from the
 * authorization server. It is evaluated for each request by `acr` and `auth_time` of the token, or of the introspection
 * response. A token without `auth_time` does not satisfy `maxAge`.
 *
 * Not checked: whether a user was present at all, if the issuer writes these claims for clients as well.
 *
 * @throws {ConfigurationError} neither `acr` nor `maxAge`, or one that a challenge cannot carry
 */
export function authentication(options: AuthenticationOptions): Guard<never> {
  const { acr, maxAge } = authenticationShape(options, 'authentication')
  if (!acr && maxAge === undefined) throw new ConfigurationError('authentication', 'needs acr or maxAge')
  const required = { ...(acr && { acr }), ...(maxAge !== undefined && { maxAge }) }
  return Object.freeze({
    scopes: [],
    refusal: () => new InsufficientUserAuthentication(required),
    permits: ({ authentication: actual }, _, context) =>
      (!acr || (actual.acr !== undefined && acr.includes(actual.acr))) &&
      (maxAge === undefined || isRecent(actual.time, maxAge, context.now())),
  } satisfies Guard<never>)
}

/** Written so that a clock that returns NaN permits nothing. */
const isRecent = (time: NumericDate | undefined, maxAge: Seconds, now: NumericDate): boolean =>
  time !== undefined && now - time <= maxAge && time - now <= FUTURE

/** One of the space-separated `acr_values`; the allowed characters are those of a scope. */
const acrValue = scopeToken('value of acr')

const authenticationShape = shape({ acr: optional(oneOrList(acrValue)), maxAge: optional(whole(1, MAX, 'seconds')) })
