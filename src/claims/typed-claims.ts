import { type JsonObject, ownMember } from '../util/encoding.ts'

// A claim of another type counts as missing.

export function stringClaim(claims: JsonObject, name: string): string | undefined {
  const value = ownMember(claims, name)
  return typeof value === 'string' ? value : undefined
}

export function numberClaim(claims: JsonObject, name: string): number | undefined {
  const value = ownMember(claims, name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A single string is a list of one. */
export function listClaim(claims: JsonObject, name: string): string[] | undefined {
  const value = ownMember(claims, name)
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((member) => typeof member === 'string') : undefined
}
