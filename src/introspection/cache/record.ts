import { isObject } from '../../util/encoding.ts'
import type { NumericDate } from '../../util/time.ts'
import { type IntrospectionResult, readResponse } from '../response.ts'

/** An introspection response in a shared store. */
export interface IntrospectionRecord {
  readonly response: IntrospectionResult
  /** When it was requested, by the clock of the process that did. */
  readonly requestedAt: NumericDate
}

const VERSION = 1

/** The most characters of a record; a larger response is not shared. */
export const MAX_CHARACTERS = 65_536

/** The record of a response, `undefined` if it would be too large. It repeats its key, so that it is valid nowhere else. */
export function writeRecord(key: string, { response, requestedAt }: IntrospectionRecord): string | undefined {
  const members = response.active ? { active: true, claims: response.claims } : { active: false }
  const text = JSON.stringify({ v: VERSION, key, asked: requestedAt, ...members })
  return text.length > MAX_CHARACTERS ? undefined : text
}

/** Reads a record without trusting it: a store may hold what others wrote, an older version, or half a record. */
export function readRecord(key: string, value: unknown): IntrospectionRecord | undefined {
  if (typeof value !== 'string' || value.length > MAX_CHARACTERS) return undefined
  try {
    const record: unknown = JSON.parse(value)
    if (!isObject(record) || record.v !== VERSION || record.key !== key) return undefined
    const { asked: requestedAt, active, claims } = record
    if (typeof requestedAt !== 'number' || !Number.isFinite(requestedAt)) return undefined
    if (active === false) return { response: readResponse({ active }), requestedAt }
    if (active !== true || !isObject(claims)) return undefined
    return { response: readResponse({ ...claims, active }), requestedAt }
  } catch {
    return undefined
  }
}
