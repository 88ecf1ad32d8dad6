import { describe, expect, it } from 'vitest'
import type { AccessToken } from '../../src/access-token/access-token.ts'
import type { Refusal } from '../../src/errors/refusal.ts'
import type { Report } from '../../src/events/report-events.ts'
import type { BindingMode } from '../../src/sender-constraint/mode.ts'
import { checkModes } from '../../src/sender-constraint/route-mode.ts'

const REQUEST = {}

/** The reason for which a token with this confirmation is refused on a route with these modes, and those reported. */
function outcomeOf(modes: { dpop: BindingMode; mtls: BindingMode }, confirmation: object | undefined) {
  const token = { confirmation } as AccessToken
  const reported: unknown[] = []
  const report: Report = (refusal, ...about) => {
    expect(about).toEqual([token, REQUEST])
    reported.push((refusal as Refusal).reason)
  }
  return { refused: checkModes(modes, token, REQUEST, { report })?.reason, reported }
}

const JKT = { jkt: 'a' }
const X5T = { 'x5t#S256': 'b' }
const BOTH = { ...JKT, ...X5T }

describe('a route with dpop() and mtls() (D6, RFC 9449 §7.2, RFC 8705 §3)', () => {
  it.each<[BindingMode, BindingMode, object | undefined, string | undefined]>([
    ['off', 'off', undefined, undefined],
    ['accept', 'accept', undefined, undefined],
    ['require', 'off', undefined, 'unbound'],
    ['off', 'require', undefined, 'unbound'],
    ['off', 'off', JKT, 'no_credentials'],
    ['accept', 'accept', JKT, undefined],
    ['require', 'off', JKT, undefined],
    ['accept', 'require', JKT, 'unbound'],
    ['off', 'off', X5T, 'confirmation'],
    ['accept', 'off', X5T, 'confirmation'],
    ['off', 'accept', X5T, undefined],
    ['off', 'require', X5T, undefined],
    ['require', 'require', X5T, 'unbound'],
    ['off', 'accept', BOTH, 'no_credentials'],
    ['accept', 'off', BOTH, 'confirmation'],
    ['require', 'require', BOTH, undefined],
  ])('%s and %s, confirmation %j: %s', (dpop, mtls, confirmation, reason) => {
    expect(outcomeOf({ dpop, mtls }, confirmation)).toEqual({ refused: reason, reported: [] })
  })

  it('reports a token that is not bound, and accepts it, where the mode is report-only', () => {
    const accepted = (...reported: string[]) => ({ refused: undefined, reported })
    expect(outcomeOf({ dpop: 'report-only', mtls: 'off' }, undefined)).toEqual(accepted('unbound'))
    expect(outcomeOf({ dpop: 'off', mtls: 'report-only' }, undefined)).toEqual(accepted('unbound'))
    expect(outcomeOf({ dpop: 'report-only', mtls: 'accept' }, X5T)).toEqual(accepted('unbound'))
    expect(outcomeOf({ dpop: 'accept', mtls: 'report-only' }, JKT)).toEqual(accepted('unbound'))
    expect(outcomeOf({ dpop: 'report-only', mtls: 'report-only' }, BOTH)).toEqual(accepted())
  })
})
