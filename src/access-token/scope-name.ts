import { type Checker, wrong } from '../config/validate.ts'
import { isScopeToken } from '../http/grammar.ts'

/** A scope in an option or a guard (RFC 6749 §3.3). */
export const scopeName: Checker<string> = (value, option) => {
  if (typeof value !== 'string' || !isScopeToken(value)) {
    throw wrong(
      option,
      value,
      'one scope: printable ASCII without space, quote or backslash; pass several as separate values',
    )
  }
  return value
}
