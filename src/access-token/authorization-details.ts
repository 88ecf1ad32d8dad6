import { stringClaim } from '../claims/typed-claims.ts'
import { isObject, type JsonObject, ownMember } from '../util/encoding.ts'

/** One authorization detail (RFC 9396 §2). The members other than `type` are defined by the API. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [name: string]: unknown
}

const NONE: readonly AuthorizationDetail[] = Object.freeze([])

/**
 * The members of `authorization_details` (RFC 9396 §9.1, §9.2), as issued. A claim that is not an array, and a member
 * that is not an object with a `type`, authorize nothing.
 */
export function authorizationDetailsOf(claims: JsonObject): readonly AuthorizationDetail[] {
  const value = ownMember(claims, 'authorization_details')
  return Array.isArray(value) ? Object.freeze(value.filter(isDetail)) : NONE
}

const isDetail = (value: unknown): value is AuthorizationDetail =>
  isObject(value) && Boolean(stringClaim(value, 'type'))

/** The details that another statement about the token repeats. */
export function detailsOfBoth(
  one: readonly AuthorizationDetail[],
  other: readonly AuthorizationDetail[],
): readonly AuthorizationDetail[] {
  const repeated = new Set(other.map(canonical))
  return Object.freeze(one.filter((detail) => repeated.has(canonical(detail))))
}

// The limit for introspection responses. A JWT may be nested deeper: only its length is limited.
const MAX_LEVELS = 32

/** JSON with sorted members, since their order means nothing. What is nested beyond the limit matches no response. */
function canonical(value: unknown, level = 0): string {
  if (level > MAX_LEVELS) return '…'
  if (Array.isArray(value)) return `[${value.map((member) => canonical(member, level + 1)).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name], level + 1)}`).join()}}`
}
