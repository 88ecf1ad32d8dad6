import type { JsonObject } from '../util/encoding.ts'

const ALWAYS: (value: unknown) => boolean = () => true

const isOneOf =
  (...values: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && values.includes(value.toLowerCase())

// Claims that only other kinds of token have: ID tokens (OpenID Connect Core §2, §3.3.2.11), security events and
// logout tokens (RFC 8417 §2.2), introspection responses (RFC 9701 §5), DPoP proofs (RFC 9449 §4.2), status lists.
const FOREIGN_MEMBERS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['nonce', ALWAYS],
  ['at_hash', ALWAYS],
  ['c_hash', ALWAYS],
  ['s_hash', ALWAYS],
  ['events', ALWAYS],
  ['token_introspection', ALWAYS],
  ['active', (value) => typeof value === 'boolean'],
  ['htm', ALWAYS],
  ['htu', ALWAYS],
  ['status_list', ALWAYS],
  // Claims by which providers that use `typ: JWT` for all tokens distinguish their kinds.
  ['token_use', isOneOf('id', 'id_token', 'refresh', 'refresh_token')],
  ['typ', isOneOf('id', 'refresh', 'offline', 'logout')],
])

/** True if there is a claim that no access token has. */
export const hasForeignMember = (claims: JsonObject): boolean =>
  Object.keys(claims).some((name) => FOREIGN_MEMBERS.get(name)?.(claims[name]) === true)
