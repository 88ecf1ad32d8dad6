import { MAC_LENGTH, type RecordSealer } from '../../stores/sealed-records.ts'
import { isObject } from '../../util/encoding.ts'
import { isFiniteNumber, type NumericDate } from '../../util/time.ts'
import { type IntrospectionResult, readResponse } from '../response.ts'

/** An introspection response in a shared store. */
export interface IntrospectionRecord {
  readonly response: IntrospectionResult
  /** When it was requested, by the clock of the requesting process. */
  readonly requestedAt: NumericDate
}

const VERSION = 2

/** The maximum length of a record; a larger response is not shared. */
export const MAX_CHARACTERS = 65_536

/** The record of a response, `undefined` if it is too large. It contains its key, so that it is not valid under another. */
export async function writeRecord(
  key: string,
  { response, requestedAt }: IntrospectionRecord,
  sealer: RecordSealer,
): Promise<string | undefined> {
  const members = response.active ? { active: true, claims: response.claims } : { active: false }
  const text = JSON.stringify({ v: VERSION, key, requested_at: requestedAt, ...members })
  return text.length > MAX_CHARACTERS ? undefined : sealer.seal(text)
}

/** Does not trust the record: it may be written by others, by another version, or truncated. */
export async function readRecord(
  key: string,
  value: unknown,
  sealer: RecordSealer,
): Promise<IntrospectionRecord | undefined> {
  if (typeof value !== 'string' || value.length > MAX_CHARACTERS + MAC_LENGTH) return undefined
  try {
    const text = await sealer.open(value)
    if (text === undefined) return undefined
    const record: unknown = JSON.parse(text)
    if (!isObject(record) || record.v !== VERSION || record.key !== key) return undefined
    const { requested_at: requestedAt, active, claims } = record
    if (!isFiniteNumber(requestedAt)) return undefined
    if (active === false) return { response: readResponse({ active }), requestedAt }
    if (active !== true || !isObject(claims)) return undefined
    return { response: readResponse({ ...claims, active }), requestedAt }
  } catch {
    return undefined
  }
}
