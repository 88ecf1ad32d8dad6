import {
  allOf,
  anyOf,
  anyScope,
  authentication,
  ConfigurationError,
  claim,
  type GuardLike,
  InvalidToken,
  reportOnly,
  scope,
} from 'bearward'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOW } from '../corpus/kit.ts'
import { createDecider } from './decide.ts'

const { decide, stacked, clock, server, requestWith, tokenWith } = createDecider()
const PERMITTED = 'permitted'
const stepUp = (challenge: string) => `401 error="insufficient_user_authentication" ${challenge}`

describe('G4: how the user signed in (RFC 9470 §3)', () => {
  const gold = [authentication({ acr: 'gold' })]

  it.each<[string, unknown, boolean]>([
    ['this one', 'gold', true],
    ['none', undefined, false],
    ['another one', 'silver', false],
    ['another case', 'Gold', false],
    ['a part of it', 'gol', false],
    ['more than it', 'golden', false],
    ['several in one', 'silver gold', false],
    ['a list with it', ['gold'], false],
    ['an object', { value: 'gold' }, false],
    ['null', null, false],
    ['an empty one', '', false],
  ])('acr: %s', async (_, acr, permits) => {
    expect(await decide(gold, { acr })).toBe(permits ? PERMITTED : stepUp('acr_values="gold"'))
  })

  it('one of several is enough, and the challenge names them in order', async () => {
    const guards = [authentication({ acr: ['phr', 'mfa'] })]
    for (const acr of ['phr', 'mfa']) expect(await decide(guards, { acr })).toBe(PERMITTED)
    for (const acr of ['pwd', 'phr mfa', undefined])
      expect(await decide(guards, { acr })).toBe(stepUp('acr_values="phr mfa"'))
  })
})

describe('G4: when the user signed in (RFC 9470 §3)', () => {
  it.each<[string, unknown, boolean]>([
    ['now', NOW, true],
    ['just in time', NOW - 300, true],
    ['a second too long ago', NOW - 301, false],
    ['a part of a second too long ago', NOW - 300.5, false],
    ['a minute ahead, within the tolerance for clocks', NOW + 60, true],
    ['further ahead, which is not credible', NOW + 61, false],
    ['in a far future', 1e300, false],
    ['missing', undefined, false],
    ['a text', String(NOW), false],
    ['a list', [NOW], false],
    ['null', null, false],
    ['a boolean', true, false],
    ['zero', 0, false],
    ['long before', -1e300, false],
  ])('auth_time: %s', async (_, time, permits) => {
    const outcome = await decide([authentication({ maxAge: 300 })], { auth_time: time })
    expect(outcome).toBe(permits ? PERMITTED : stepUp('max_age="300"'))
  })

  it('is checked for each request, even if the token is cached', async () => {
    const token = tokenWith({ auth_time: NOW - 290, jti: 'cached', exp: NOW + 3600 })
    const authenticate = () => server.authenticate(requestWith(token), [authentication({ maxAge: 300 })])
    expect(await authenticate()).toMatchObject({ authentication: { time: NOW - 290 } })
    clock.now = NOW + 11
    await expect(authenticate()).rejects.toThrow('The user must sign in again, or with a stronger method')
    clock.now = NOW
    expect(await authenticate()).toMatchObject({ authentication: { time: NOW - 290 } })
  })

  it('both are required, and the challenge names both', async () => {
    const guards = [authentication({ acr: 'gold', maxAge: 60 })]
    const challenge = stepUp('acr_values="gold" max_age="60"')
    expect(await decide(guards, { acr: 'gold', auth_time: NOW })).toBe(PERMITTED)
    expect(await decide(guards, { acr: 'gold', auth_time: NOW - 61 })).toBe(challenge)
    expect(await decide(guards, { acr: 'gold' })).toBe(challenge)
    expect(await decide(guards, { auth_time: NOW })).toBe(challenge)
  })

  it('agrees with a naive implementation', async () => {
    const times = fc.oneof(fc.constant(undefined), fc.integer({ min: NOW - 400, max: NOW + 100 }))
    const values = fc.constantFrom('a', 'b', 'c', undefined)
    const lists = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), { nil: undefined })
    const ages = fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(times, values, lists, ages, async (time, acr, list, maxAge) => {
        fc.pre(list !== undefined || maxAge !== undefined)
        const demanded = { ...(list && { acr: list as [string] }), ...(maxAge !== undefined && { maxAge }) }
        const strong = !list || (acr !== undefined && list.includes(acr))
        const recent = maxAge === undefined || (time !== undefined && time >= NOW - maxAge && time <= NOW + 60)
        const outcome = await decide([authentication(demanded)], { acr, auth_time: time })
        expect(outcome === PERMITTED).toBe(strong && recent)
      }),
      { numRuns: 300 },
    )
  })
})

describe('G4: several requirements', () => {
  const fifteen = authentication({ maxAge: 900 })
  const five = authentication({ maxAge: 300 })
  const strong = authentication({ acr: ['gold', 'silver'] })
  const stronger = authentication({ acr: ['platinum', 'gold'] })
  const wide = authentication({ acr: ['silver', 'gold', 'platinum'] })

  it.each<[string, readonly GuardLike[], string]>([
    ['the shortest time', [fifteen, five], stepUp('max_age="300"')],
    ['in any order', [five, fifteen], stepUp('max_age="300"')],
    ['a time and a way', [fifteen, strong], stepUp('acr_values="gold silver" max_age="900"')],
    ['what all accept', [strong, stronger], stepUp('acr_values="gold"')],
    ['what all of three accept', [wide, strong, stronger], stepUp('acr_values="gold"')],
    ['in a combination', [allOf(fifteen, allOf(five, strong))], stepUp('acr_values="gold silver" max_age="300"')],
    ['with the scopes of the route', [five, scope('a'), anyScope('b', 'c')], stepUp('scope="a b" max_age="300"')],
    ['after a scope that is present', [scope('read:orders'), five], stepUp('scope="read:orders" max_age="300"')],
    ['after a scope that is missing', [scope('a'), five], '403 error="insufficient_scope" scope="a"'],
    ['after a guard that refuses', [claim('tier', 'gold'), five], '403 error="insufficient_scope"'],
    [
      'with one that is report-only',
      [five, reportOnly(authentication({ acr: 'gold', maxAge: 1 }))],
      stepUp('max_age="300"'),
    ],
  ])('of one route: %s', async (_, guards, outcome) => {
    expect((await decide(guards)).split(' ').sort()).toEqual(outcome.split(' ').sort())
  })

  it('of stacked guards: a sign-in for the later one also satisfies the earlier one', async () => {
    const recent = { auth_time: NOW - 600, acr: 'silver' }
    expect(await stacked([[fifteen], [five]], recent)).toBe(stepUp('max_age="300"'))
    expect(await stacked([[strong], [stronger]], recent)).toBe(stepUp('acr_values="gold"'))
    expect(await stacked([[fifteen, strong], [five]], recent)).toBe(stepUp('acr_values="gold silver" max_age="300"'))
    expect(await stacked([[scope('read:orders')], [five]], recent)).toBe(stepUp('scope="read:orders" max_age="300"'))
    expect(await stacked([[fifteen], [strong]], recent)).toBe(PERMITTED)
  })

  it('of stacked guards that nothing satisfies: the challenge comes from the one that refused', async () => {
    const guards = [[authentication({ acr: 'a' })], [authentication({ acr: 'b', maxAge: 60 })]]
    expect(await stacked(guards, { acr: 'a' })).toBe(stepUp('acr_values="b" max_age="60"'))
  })

  it('of one route that nothing satisfies throw', () => {
    const a = authentication({ acr: 'a' })
    const b = authentication({ acr: ['b', 'c'] })
    for (const guards of [[a, b], [allOf(a, b)], [a, allOf(b, scope('x'))]])
      expect(() => server.guards(...guards)).toThrow(/option authentication is required twice on one route/)
    for (const guards of [
      [anyOf(a, b)],
      [a, anyOf(b, scope('x'))],
      [a, reportOnly(b)],
      [a, authentication({ acr: ['c', 'a'] })],
    ])
      expect(() => server.guards(...guards)).not.toThrow()
  })
})

describe('G4: in anyOf', () => {
  const five = authentication({ maxAge: 300 })
  const gold = authentication({ acr: 'gold' })
  const no: GuardLike = () => false

  it.each<[string, readonly GuardLike[], string]>([
    ['a scope is preferred to a sign-in', [anyOf(five, scope('a'))], '403 error="insufficient_scope" scope="a"'],
    ['in any order', [anyOf(scope('a'), five)], '403 error="insufficient_scope" scope="a"'],
    ['only a sign-in would help', [anyOf(no, five)], stepUp('max_age="300"')],
    ['the first of two sign-ins', [anyOf(gold, five)], stepUp('acr_values="gold"')],
    ['nothing would help', [anyOf(no, no)], '403 error="insufficient_scope"'],
    [
      'an alternative whose scope is present and whose sign-in is not',
      [anyOf(allOf(scope('read:orders'), five), no)],
      stepUp('scope="read:orders" max_age="300"'),
    ],
    [
      'an alternative that no scope would help',
      [anyOf(allOf(scope('read:orders'), no), scope('a'))],
      '403 error="insufficient_scope" scope="a"',
    ],
    [
      'all scopes of an alternative',
      [anyOf(allOf(scope('a'), scope('b'), no), no)],
      '403 error="insufficient_scope" scope="a b"',
    ],
    [
      'together with the other guards of the route',
      [scope('read:orders'), anyOf(no, scope('a'))],
      '403 error="insufficient_scope" scope="read:orders a"',
    ],
  ])('%s', async (_, guards, outcome) => {
    expect((await decide(guards)).split(' ').sort()).toEqual(outcome.split(' ').sort())
  })

  it('the challenge combines the sign-in of an alternative with that of the route', async () => {
    const guards = [authentication({ maxAge: 60 }), anyOf(no, gold)]
    expect(await decide(guards, { auth_time: NOW })).toBe(stepUp('acr_values="gold" max_age="60"'))
  })

  it('an alternative with its own error reports that error, not its scopes', async () => {
    const own: GuardLike = {
      scopes: ['a'],
      permits: () => false,
      refusal: () => new InvalidToken('claims'),
    }
    expect(await decide([anyOf(own, scope('b'))])).toBe('403 error="insufficient_scope" scope="b"')
    expect(await decide([anyOf(no, own)])).toBe('401 error="invalid_token" scope="a"')
    expect(await decide([own])).toBe('401 error="invalid_token" scope="a"')
  })

  it('one alternative that permits is enough', async () => {
    expect(await decide([anyOf(scope('a'), five)], { auth_time: NOW })).toBe(PERMITTED)
    expect(await decide([anyOf(scope('read:orders'), five)])).toBe(PERMITTED)
  })
})

describe('A6: invalid sign-in requirements', () => {
  const loose = (value: unknown) => value as never

  it.each<[string, unknown, string, string]>([
    ['nothing', {}, 'authentication', 'needs acr or maxAge'],
    ['no options', undefined, 'authentication', 'must be an object'],
    ['an acr without an object', 'gold', 'authentication', 'must be an object'],
    ['an acr that is undefined', { acr: undefined }, 'authentication.acr', 'got undefined'],
    ['an acr that is empty', { acr: '' }, 'authentication.acr', 'got ""'],
    ['several in one string', { acr: 'a b' }, 'authentication.acr', 'must be one value of acr'],
    ['an acr with a quote', { acr: 'a"' }, 'authentication.acr', 'must be one value of acr'],
    ['an acr with a backslash', { acr: ['a', 'b\\'] }, 'authentication.acr[1]', 'must be one value of acr'],
    ['an acr with a line break', { acr: 'a\r\nX: y' }, 'authentication.acr', 'must be one value of acr'],
    ['an empty list', { acr: [] }, 'authentication.acr', 'at least one element'],
    ['a maxAge that is undefined', { acr: 'a', maxAge: undefined }, 'authentication.maxAge', 'got undefined'],
    ['a maxAge that is NaN', { maxAge: Number.NaN }, 'authentication.maxAge', 'got NaN'],
    ['a maxAge that is infinite', { maxAge: Number.POSITIVE_INFINITY }, 'authentication.maxAge', 'got Infinity'],
    ['a maxAge of zero', { maxAge: 0 }, 'authentication.maxAge', 'got 0'],
    ['a maxAge in parts of seconds', { maxAge: 1.5 }, 'authentication.maxAge', 'must be a whole number of seconds'],
    ['a maxAge as text', { maxAge: '300' }, 'authentication.maxAge', 'got "300"'],
    ['an unknown option', { acr: 'a', max_age: 1 }, 'authentication.max_age', 'is unknown'],
    ['inherited options', Object.create({ acr: 'a' }), 'authentication', 'must be a plain object'],
  ])('%s', (_, options, option, says) => {
    const attempt = () => authentication(loose(options))
    expect(attempt).toThrow(ConfigurationError)
    expect(attempt).toThrow(expect.objectContaining({ option, message: expect.stringContaining(says) }))
  })
})

describe('G4: how the user signed in, as handlers see it', () => {
  it('a claim of another type counts as missing (RFC 9068 §2.2.1)', async () => {
    const right = await server.verify(tokenWith({ auth_time: NOW, acr: 'gold', amr: ['pwd', 1, null] }))
    expect(right.authentication).toEqual({ time: NOW, acr: 'gold', amr: ['pwd'] })
    const wrong = await server.verify(tokenWith({ auth_time: String(NOW), acr: 1, amr: { pwd: true } }))
    expect(wrong.authentication).toEqual({})
  })
})
