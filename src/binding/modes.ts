import { InvalidToken, MissingCredentials } from '../errors.ts'
import type { GuardContext } from '../guards/guard.ts'
import type { AccessToken } from '../token/access-token.ts'
import type { BindingMode, BindingModes } from './mode.ts'

/**
 * Refuses a proven token that a route does not take: an unbound one where a binding is demanded, or a bound one where
 * its way of proof is not accepted.
 *
 * @throws {InvalidToken} `unbound`
 * @throws {MissingCredentials} a token that came in a way this route does not know
 */
export function checkModes({ dpop, mtls }: BindingModes, token: AccessToken, context: GuardContext): void {
  const { confirmation } = token
  checkMode(dpop, confirmation?.jkt !== undefined, token, context)
  checkMode(mtls, confirmation?.['x5t#S256'] !== undefined, token, context)
}

function checkMode(mode: BindingMode, isBound: boolean, token: AccessToken, context: GuardContext): void {
  if (isBound) {
    if (mode === 'off') throw new MissingCredentials()
  } else if (mode === 'require') throw new InvalidToken('unbound')
  else if (mode === 'warn') context.warn(new InvalidToken('unbound'), token)
}
