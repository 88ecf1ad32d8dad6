import { required, shape } from '../config/shape.ts'
import { number } from '../config/validate.ts'
import type { Seconds } from '../util/time.ts'
import type { Guard } from './guard.ts'

/**
 * The route accepts only an introspection response that is at most `maxAge` seconds old (RFC 7662 §4): for the few
 * requests where a revocation must count at once. A JWT is introspected as well, after it has been verified. 0
 * introspects for each request. If the issuer cannot be reached, the response is 503.
 *
 * Use it beside other guards or in `allOf`, not in `anyOf`. It needs `introspection` or `introspect` at each issuer.
 *
 * @throws {ConfigurationError} a `maxAge` that is no number of seconds from 0 up
 */
export function introspected(options: { readonly maxAge: Seconds }): Guard<never> {
  const { maxAge } = introspectedShape(options, 'introspected')
  return Object.freeze({ scopes: [], maxAge, permits: () => true } satisfies Guard<never>)
}

const introspectedShape = shape({ maxAge: required(number(0, 86_400, 'seconds')) })
