import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/** A time in a token, in words. */
export interface TimeInWords {
  readonly claim: string
  readonly at: NumericDate
  /** Such as `expires in 52 minutes, at 14:03`. */
  readonly words: string
}

const VERBS: Readonly<Record<string, readonly [past: string, future: string]>> = {
  exp: ['expired', 'expires'],
  nbf: ['valid since', 'not valid yet: will be'],
  iat: ['issued', 'issued in the future:'],
  auth_time: ['signed in', 'signed in in the future:'],
}

/** @param timeZone an IANA name; by default that of the machine */
export function timesInWords(claims: JsonObject, now: NumericDate, timeZone?: string): readonly TimeInWords[] {
  return Object.keys(VERBS).flatMap((claim) => {
    const at = claims[claim]
    if (typeof at !== 'number' || !isDate(at)) return []
    return [{ claim, at, words: inWords(claim, at, now, timeZone) }]
  })
}

// The range of Date.
const isDate = (at: number): boolean => Math.abs(at) <= 8_640_000_000_000

function inWords(claim: string, at: NumericDate, now: NumericDate, timeZone: string | undefined): string {
  const [past, future] = VERBS[claim] ?? ['', '']
  const distance = lengthOf(Math.abs(at - now))
  const when = at > now ? `${future} in ${distance}` : `${past} ${distance} ago`
  const [day, hour] = clockOf(at, timeZone)
  return day === clockOf(now, timeZone)[0] ? `${when}, at ${hour}` : `${when}, on ${day} at ${hour}`
}

const UNITS: readonly (readonly [name: string, seconds: Seconds, upTo: number])[] = [
  ['second', 1, 90],
  ['minute', 60, 90],
  ['hour', 3600, 48],
  ['day', 86_400, 90],
  ['month', 2_629_746, 24],
  ['year', 31_556_952, Number.POSITIVE_INFINITY],
]

/** A duration in the largest unit that is still precise enough. */
export function lengthOf(seconds: Seconds): string {
  for (const [name, length, upTo] of UNITS) {
    if (seconds / length >= upTo) continue
    const count = Math.round(seconds / length)
    return `${count} ${name}${count === 1 ? '' : 's'}`
  }
  return `${seconds} seconds`
}

/** Day and hour, such as `2026-11-25` and `14:03`. */
function clockOf(at: NumericDate, timeZone: string | undefined): readonly [day: string, hour: string] {
  const format = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone !== undefined && { timeZone }),
  })
  const parts = Object.fromEntries(format.formatToParts(at * 1000).map(({ type, value }) => [type, value]))
  return [`${parts.year}-${parts.month}-${parts.day}`, `${parts.hour}:${parts.minute}`]
}
