import type { AccessToken } from '../access-token/access-token.ts'
import { InvalidToken, MissingCredentials } from '../errors/errors.ts'
import type { Report } from '../events/decision-events.ts'
import type { BindingMode, BindingModes } from './mode.ts'

interface ReportContext {
  readonly report: Report
}

/**
 * Refuses a proven token that a route does not take: an unbound one where a binding is demanded, or a bound one where
 * its way of proof is not accepted. Such a route acts as a server would that does not know the binding.
 *
 * @throws {InvalidToken} `unbound`; `confirmation` a certificate, which proves nothing on this route
 * @throws {MissingCredentials} a token that came in a scheme this route does not know
 */
export function checkModes({ dpop, mtls }: BindingModes, token: AccessToken, context: ReportContext): void {
  const { confirmation } = token
  if (confirmation?.jkt === undefined) checkUnbound(dpop, token, context)
  else if (dpop === 'off') throw new MissingCredentials()
  if (confirmation?.['x5t#S256'] === undefined) checkUnbound(mtls, token, context)
  else if (mtls === 'off') throw new InvalidToken('confirmation')
}

function checkUnbound(mode: BindingMode, token: AccessToken, context: ReportContext): void {
  if (mode === 'require') throw new InvalidToken('unbound')
  if (mode === 'report-only') context.report(new InvalidToken('unbound'), token)
}
