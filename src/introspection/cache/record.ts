import { isObject } from '../../util/encoding.ts'
import type { NumericDate } from '../../util/time.ts'
import { type Answer, readAnswer } from '../response.ts'

/** A verdict as it stands in a shared store. */
export interface VerdictRecord {
  readonly answer: Answer
  /** When the issuer was asked, by the clock of the process that did. */
  readonly asked: NumericDate
}

const VERSION = 1

/** The most characters of a record; a larger verdict is not shared. */
export const MOST_CHARACTERS = 65_536

/** The record of a verdict, `undefined` where it would be too large. It repeats its key, so that it fits nowhere else. */
export function writeRecord(key: string, { answer, asked }: VerdictRecord): string | undefined {
  const members = answer.active ? { active: true, claims: answer.claims } : { active: false }
  const text = JSON.stringify({ v: VERSION, key, asked, ...members })
  return text.length > MOST_CHARACTERS ? undefined : text
}

/** Reads a record with suspicion: a store may hold what others wrote, an older version, or half of something. */
export function readRecord(key: string, value: unknown): VerdictRecord | undefined {
  if (typeof value !== 'string' || value.length > MOST_CHARACTERS) return undefined
  try {
    const record: unknown = JSON.parse(value)
    if (!isObject(record) || record.v !== VERSION || record.key !== key) return undefined
    const { asked, active, claims } = record
    if (typeof asked !== 'number' || !Number.isFinite(asked)) return undefined
    if (active === false) return { answer: readAnswer({ active }), asked }
    if (active !== true || !isObject(claims)) return undefined
    return { answer: readAnswer({ ...claims, active }), asked }
  } catch {
    return undefined
  }
}
