import { type Checker, textThat } from '../config/validate.ts'
import { isScopeToken } from '../http/grammar.ts'

/** A text with the characters of a scope (RFC 6749 §3.3), in an option or a guard. */
export const scopeToken = (expected: string, hint = ''): Checker<string> =>
  textThat(isScopeToken, `one ${expected}: printable ASCII without space, quote or backslash${hint}`)

export const scopeName = scopeToken('scope', "; pass several as separate values: requireScope('a', 'b')")
