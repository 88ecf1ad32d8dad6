import { isObject, type JsonObject, ownMember } from '../util/encoding.ts'

/** Where a claim is: its name, or the names that lead to a member of it. */
export type ClaimPath = readonly string[]

/** The value there, or `undefined`. Only objects have members: an array element has no name. */
export function claimAt(claims: JsonObject, path: ClaimPath): unknown {
  let value: unknown = claims
  for (const name of path) {
    if (!isObject(value)) return undefined
    value = ownMember(value, name)
  }
  return value
}
