import { oneOf } from '../config/validate.ts'
import type { BindingMode } from '../sender-constraint/mode.ts'
import type { Guard } from './guard.ts'

const mode = oneOf('off', 'accept', 'require', 'report-only')

/**
 * What this route makes of DPoP (RFC 9449), where that is not what the server does: `require` takes bound tokens only,
 * `accept` bearer tokens as well, `off` bearer tokens only. `warn` accepts, and an event tells what `require` would have
 * refused. The server must have the option `dpop`.
 *
 * It stands beside other guards or in `allOf`, not in `anyOf`.
 *
 * @throws {ConfigurationError} another mode, or a server whose `dpop` is off
 */
export function dpop(given: BindingMode): Guard<never> {
  return Object.freeze({
    scopes: [],
    binding: { dpop: mode(given, 'dpop') },
    permits: () => true,
  } satisfies Guard<never>)
}

/**
 * The same for tokens that are bound to the client's certificate (RFC 8705). The server must have the option `mtls`.
 *
 * @throws {ConfigurationError} another mode, or a server whose `mtls` is off
 */
export function mtls(given: BindingMode): Guard<never> {
  return Object.freeze({
    scopes: [],
    binding: { mtls: mode(given, 'mtls') },
    permits: () => true,
  } satisfies Guard<never>)
}
