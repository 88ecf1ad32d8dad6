import { lengthOf } from '../../src/inspect/index.ts'
import { type Finding, note, ok, problem } from './finding.ts'

/** The default of `clockTolerance`. */
const TOLERANCE = 30
const NOTEWORTHY = 5

/** @param offset seconds by which the clock of the issuer is ahead of ours, by the Date field of its answers */
export function evaluateClock(offset: number | undefined): Finding {
  if (offset === undefined) return note('clock', 'the issuer does not tell its time: its answers have no Date')
  const away = Math.abs(offset)
  if (away <= NOTEWORTHY) return ok('clock', 'the clocks agree to within a few seconds')
  const message = `the clock of the issuer is ${lengthOf(away)} ${offset > 0 ? 'ahead of' : 'behind'} this one`
  if (away <= TOLERANCE) return note('clock', `${message}; ${TOLERANCE} s are tolerated`)
  const outcome =
    offset > 0 ? 'new tokens are refused as not valid yet' : 'tokens are accepted for too long, or expire early'
  return problem('clock', `${message}: ${outcome}`, 'set both by NTP')
}
