import { isObject, type JsonObject } from '../util/encoding.ts'

/** One authorization detail (RFC 9396 §2): what it says beside its type is for the API to know. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [name: string]: unknown
}

const NONE: readonly AuthorizationDetail[] = Object.freeze([])

/**
 * The details in `authorization_details` (RFC 9396 §9.1, §9.2), as the issuer wrote them. A claim that is no list, and a
 * member that is no object with a `type`, authorize nothing.
 */
export function authorizationDetailsOf(claims: JsonObject): readonly AuthorizationDetail[] {
  const value = Object.hasOwn(claims, 'authorization_details') ? claims.authorization_details : undefined
  return Array.isArray(value) ? Object.freeze(value.filter(isDetail)) : NONE
}

const isDetail = (value: unknown): value is AuthorizationDetail =>
  isObject(value) && Object.hasOwn(value, 'type') && typeof value.type === 'string' && value.type !== ''

/** Those that another statement about the token repeats. */
export function detailsOfBoth(
  one: readonly AuthorizationDetail[],
  other: readonly AuthorizationDetail[],
): readonly AuthorizationDetail[] {
  const repeated = new Set(other.map(canonical))
  return Object.freeze(one.filter((detail) => repeated.has(canonical(detail))))
}

// As deep as an answer about a token may be; a JWT may be nested as deep as it is long.
const MAX_LEVELS = 32

/** JSON in which the order of members, which means nothing, is always the same. What is too deep equals nothing. */
function canonical(value: unknown, level = 0): string {
  if (level > MAX_LEVELS) return '…'
  if (Array.isArray(value)) return `[${value.map((member) => canonical(member, level + 1)).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name], level + 1)}`).join()}}`
}
