import type { AccessToken } from '../access-token/access-token.ts'
import { invalidToken, NO_CREDENTIALS, type Refusal } from '../errors/refusal.ts'
import type { Report } from '../events/report-events.ts'
import type { BindingMode, BindingModes } from './mode.ts'

interface ReportContext {
  readonly report: Report
}

/**
 * Refuses a token that the mode of the route does not accept: an unbound token where a binding is required (`unbound`), or
 * a bound token where the mode is `off`. Such a route responds like a server without this binding.
 */
export function checkModes(
  { dpop, mtls }: BindingModes,
  token: AccessToken,
  request: object | undefined,
  context: ReportContext,
): Refusal | undefined {
  const { confirmation } = token
  if (confirmation?.jkt !== undefined && dpop === 'off') return NO_CREDENTIALS
  const unbound = confirmation?.jkt === undefined ? checkUnbound(dpop, token, request, context) : undefined
  if (unbound) return unbound
  if (confirmation?.['x5t#S256'] === undefined) return checkUnbound(mtls, token, request, context)
  return mtls === 'off' ? invalidToken('confirmation') : undefined
}

function checkUnbound(
  mode: BindingMode,
  token: AccessToken,
  request: object | undefined,
  context: ReportContext,
): Refusal | undefined {
  if (mode === 'require') return invalidToken('unbound')
  if (mode === 'report-only') context.report(invalidToken('unbound'), token, request)
  return undefined
}
