import type { NumericDate } from '../util/time.ts'
import type { EntryMembers } from './entry.ts'
import type { Rejection } from './rejection.ts'
import type { SecurityToken, SecurityTokenRules } from './security-token.ts'

/** What the endpoints do with what they receive. */
export interface Receiver {
  verify(raw: string, rules: SecurityTokenRules): Promise<SecurityToken | Rejection>
  /** A repeated token changes nothing. Fails if the revocation cannot be stored. */
  revoke(members: EntryMembers, token: SecurityToken): Promise<Rejection | undefined>
  now(): NumericDate
  /** Reports an event that has no effect here. */
  ignored(code: string): void
  /** Reports a request that is not accepted. */
  rejected(rejection: Rejection): void
}

/** When a token was issued, which has been checked. */
export const issuedAt = ({ claims }: SecurityToken): NumericDate => claims.iat as NumericDate
