import { lengthOf } from '../../src/inspect/index.ts'
import { type Finding, note, ok, problem } from './finding.ts'

/** The default of `clockTolerance`. */
const TOLERANCE = 30
const NOTEWORTHY = 5

/** @param offset seconds by which the issuer's clock is ahead of ours, from the `Date` header of its responses */
export function evaluateClock(offset: number | undefined): Finding {
  if (offset === undefined) return note('clock', "the issuer's responses have no Date header: its clock is not checked")
  const away = Math.abs(offset)
  if (away <= NOTEWORTHY) return ok('clock', 'the clocks differ by a few seconds at most')
  const message = `the clock of the issuer is ${lengthOf(away)} ${offset > 0 ? 'ahead of' : 'behind'} this one`
  if (away <= TOLERANCE) return note('clock', `${message}; ${TOLERANCE} s are tolerated`)
  const outcome =
    offset > 0 ? 'new tokens are refused as not valid yet' : 'tokens are accepted for too long, or expire early'
  return problem('clock', `${message}: ${outcome}`, 'synchronize both with NTP')
}
