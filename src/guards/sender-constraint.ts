import { oneOf } from '../config/validate.ts'
import type { BindingMode } from '../sender-constraint/mode.ts'
import type { Guard } from './guard.ts'

const checkMode = oneOf('off', 'accept', 'require', 'report-only')

/**
 * Overrides the server's `dpop` mode on this route (RFC 9449). `require` accepts only DPoP-bound tokens, `accept` bearer
 * tokens as well, `off` only bearer tokens. `report-only` accepts like `accept` and emits an event for each token that
 * `require` would have refused. The server must have the option `dpop`.
 *
 * Use it beside other guards or in `allOf`, not in `anyOf`.
 *
 * @throws {ConfigurationError} an unknown mode, or a server whose `dpop` is off
 */
export function dpop(mode: BindingMode): Guard<never> {
  return Object.freeze({
    scopes: [],
    binding: { dpop: checkMode(mode, 'dpop') },
    permits: () => true,
  } satisfies Guard<never>)
}

/**
 * Overrides the server's `mtls` mode on this route, as {@link dpop} does for DPoP: for tokens that are bound to the client's
 * certificate (RFC 8705). The server must have the option `mtls`.
 *
 * @throws {ConfigurationError} an unknown mode, or a server whose `mtls` is off
 */
export function mtls(mode: BindingMode): Guard<never> {
  return Object.freeze({
    scopes: [],
    binding: { mtls: checkMode(mode, 'mtls') },
    permits: () => true,
  } satisfies Guard<never>)
}
