import { required, shape } from '../config/shape.ts'
import { number } from '../config/validate.ts'
import type { Seconds } from '../util/time.ts'
import type { Guard } from './guard.ts'

/**
 * The introspection response must be at most `maxAge` seconds old (RFC 7662 §4): for the few requests where a revocation
 * must take effect immediately. A JWT is introspected as well, after it has been verified. 0 introspects for each request.
 * If the issuer cannot be reached, the response is 503.
 *
 * Use it beside other guards or in `allOf`, not in `anyOf`. Each issuer needs `introspection` or `introspect`.
 *
 * @throws {ConfigurationError} a `maxAge` that is not a number of seconds from 0 to 86,400
 */
export function introspected(options: { readonly maxAge: Seconds }): Guard<never> {
  const { maxAge } = introspectedShape(options, 'introspected')
  return Object.freeze({ scopes: [], maxAge, permits: () => true } satisfies Guard<never>)
}

const introspectedShape = shape({ maxAge: required(number(0, 86_400, 'seconds')) })
