import { SCOPE } from '../../lib/issuer.mjs'

/**
 * For libraries that leave scopes to the application.
 *
 * @param {{ scope?: unknown }} claims
 */
export function requireScope({ scope }) {
  if (typeof scope !== 'string' || !scope.split(' ').includes(SCOPE)) throw new Error('insufficient scope')
}
