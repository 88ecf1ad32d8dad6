import { InvalidToken } from '../errors.ts'
import type { JsonObject } from '../platform/encoding.ts'

/**
 * A token that is bound to a key or a certificate is worth nothing without proof of possession. Proofs are not
 * supported, so every bound token is refused: to ignore the binding would turn it into a bearer token (RFC 7800 §3.1).
 */
export function checkConfirmation(claims: JsonObject): void {
  if (Object.hasOwn(claims, 'cnf')) throw new InvalidToken('confirmation')
}
