import { describe, expect, it } from 'vitest'
import { lengthOf, timesInWords } from '../../src/inspect/times.ts'

const NOW = Date.UTC(2026, 10, 25, 13, 11) / 1000
const words = (claims: Record<string, unknown>, zone = 'UTC') =>
  timesInWords(claims, NOW, zone).map((time) => time.words)

describe('relative times', () => {
  it('today, with the hour', () => {
    expect(words({ exp: NOW + 52 * 60 })).toEqual(['expires in 52 minutes, at 14:03'])
    expect(words({ exp: NOW - 10, nbf: NOW + 60, iat: NOW - 7200, auth_time: NOW - 86_000 })).toEqual([
      'expired 10 seconds ago, at 13:10',
      'not valid yet: will be in 60 seconds, at 13:12',
      'issued 2 hours ago, at 11:11',
      'signed in 24 hours ago, on 2026-11-24 at 13:17',
    ])
  })

  it('another day, in the local time zone', () => {
    expect(words({ exp: NOW + 12 * 3600 })).toEqual(['expires in 12 hours, on 2026-11-26 at 01:11'])
    expect(words({ exp: NOW + 12 * 3600 }, 'America/New_York')).toEqual(['expires in 12 hours, at 20:11'])
  })

  it('an invalid time has no text', () => {
    expect(words({ exp: '1', nbf: Number.NaN, iat: 1e300, auth_time: null })).toEqual([])
  })

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [89, '89 seconds'],
    [90, '2 minutes'],
    [5399, '90 minutes'],
    [5400, '2 hours'],
    [172_800, '2 days'],
    [8_000_000, '3 months'],
    [1e9, '32 years'],
  ])('%d s are %s', (seconds, text) => {
    expect(lengthOf(seconds)).toBe(text)
  })
})
