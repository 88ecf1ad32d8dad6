import { required, shape } from '../config/shape.ts'
import { number } from '../config/validate.ts'
import type { Seconds } from '../util/time.ts'
import type { Guard } from './guard.ts'

/**
 * The route takes only what the issuer said about the token at most `maxAge` seconds ago (RFC 7662 §4): for the few
 * requests where a revocation must count at once. JWTs are asked about as well, after they have been verified. 0 asks
 * for each request. Where the issuer cannot be asked, the request is answered with 503.
 *
 * It stands beside other guards or in `allOf`, not in `anyOf`, and needs `introspection` or `introspect` at each issuer.
 *
 * @throws {ConfigurationError} a `maxAge` that is no number of seconds from 0 up
 */
export function introspected(options: { readonly maxAge: Seconds }): Guard<never> {
  const { maxAge } = introspectedShape(options, 'introspected')
  return Object.freeze({ scopes: [], maxAge, permits: () => true } satisfies Guard<never>)
}

const introspectedShape = shape({ maxAge: required(number(0, 86_400, 'seconds')) })
