import { describe, expect, it } from 'vitest'
import { Rejection } from '../../src/revocation/rejection.ts'
import { targetsOf } from '../../src/revocation/subject.ts'

// What each subject identifier names, and what names nothing (N3b, RFC 9493).

const [ONE, TWO, OTHER] = ['https://one.example', 'https://two.example', 'https://other.example']
const BEFORE = 1000
const LONGEST = 'u'.repeat(1024)

const issSub = (over: object = {}) => ({ format: 'iss_sub', iss: ONE, sub: 'alice', ...over })
const jwtId = (over: object = {}) => ({ format: 'jwt_id', iss: ONE, jti: 'token', ...over })
const opaque = (over: object = {}) => ({ format: 'opaque', id: 'name', ...over })

/** The entries without the members that are `undefined`, or the problem. */
function namedBy(subject: unknown, isSession = false, issuers: readonly string[] = [ONE, TWO]): unknown {
  const targets = targetsOf(subject, isSession, issuers, BEFORE)
  return targets instanceof Rejection ? targets.problem : targets
}

describe('a simple subject', () => {
  it.each<[string, object, unknown]>([
    ['a user', issSub(), [{ issuer: ONE, sub: 'alice', before: BEFORE }]],
    [
      'the user alone, whatever else it has',
      issSub({ id: 'x', jti: 'x', user: opaque(), session: opaque() }),
      [{ issuer: ONE, sub: 'alice', before: BEFORE }],
    ],
    ['a user with the longest name', issSub({ sub: LONGEST }), [{ issuer: ONE, sub: LONGEST, before: BEFORE }]],
    ['a token', jwtId(), [{ issuer: ONE, jti: 'token' }]],
    ['the token alone, whatever else it has', jwtId({ sub: 'x', id: 'x' }), [{ issuer: ONE, jti: 'token' }]],
    [
      'a user of each issuer',
      opaque({ iss: ONE, sub: 'x', jti: 'x' }),
      [
        { issuer: ONE, sub: 'name', before: BEFORE },
        { issuer: TWO, sub: 'name', before: BEFORE },
      ],
    ],
  ])('names %s', (_, subject, named) => {
    expect(namedBy(subject)).toEqual(named)
  })

  it('that is opaque names a session of each issuer where the event is about one', () => {
    expect(namedBy(opaque(), true)).toEqual([
      { issuer: ONE, sid: 'name' },
      { issuer: TWO, sid: 'name' },
    ])
    expect(namedBy(issSub(), true)).toEqual(namedBy(issSub()))
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'alice'],
    ['a list', [issSub()]],
    ['no format', { iss: ONE, sub: 'alice' }],
    ['another format', { format: 'email', email: 'alice@one.example' }],
    ['another format with the members of all others', { ...opaque(), ...jwtId(), ...issSub(), format: 'account' }],
    ['another format of another issuer', issSub({ format: 'did', iss: OTHER })],
    ['a format that is no text', issSub({ format: ['iss_sub'] })],
    ['a user without an issuer', issSub({ iss: undefined })],
    ['an issuer that is no text', issSub({ iss: [ONE] })],
    ['a user without a name', issSub({ sub: undefined, jti: 'token' })],
    ['a user whose name is a number', issSub({ sub: 1 })],
    ['a user whose name is a list', issSub({ sub: ['alice'] })],
    ['a user whose name is null', issSub({ sub: null })],
    ['a user with an empty name', issSub({ sub: '' })],
    ['a user with a name that is too long', issSub({ sub: `${LONGEST}u` })],
    ['a token without an issuer', jwtId({ iss: undefined })],
    ['a token without an ID', jwtId({ jti: undefined, sub: 'alice' })],
    ['an opaque one without an ID', opaque({ id: undefined })],
    ['an opaque one with those of the other formats', opaque({ id: '', iss: ONE, sub: 'alice', jti: 'token' })],
  ])('names nothing: %s', (_, subject) => {
    expect(namedBy(subject)).toBe('subject')
  })

  it.each([issSub({ iss: OTHER }), jwtId({ iss: OTHER }), issSub({ iss: OTHER, sub: undefined })])(
    'of an issuer that the transmitter may not report about is denied: %j',
    (subject) => {
      expect(namedBy(subject)).toBe('denied')
    },
  )
})

describe('a complex subject', () => {
  const complex = (members: object) => ({ format: 'complex', ...members })
  const alice = { issuer: ONE, sub: 'alice', before: BEFORE }

  it.each<[string, object, unknown]>([
    ['a user', { user: issSub() }, [alice]],
    [
      'a user of each issuer',
      { user: opaque() },
      [
        { issuer: ONE, sub: 'name', before: BEFORE },
        { issuer: TWO, sub: 'name', before: BEFORE },
      ],
    ],
    [
      'a session of each issuer',
      { session: opaque() },
      [
        { issuer: ONE, sid: 'name' },
        { issuer: TWO, sid: 'name' },
      ],
    ],
    [
      'a user, and its session at the same issuer',
      { user: issSub(), session: opaque() },
      [
        { issuer: ONE, sub: 'alice', sid: 'name', before: BEFORE },
        { issuer: TWO, sid: 'name' },
      ],
    ],
    [
      'a user and a session of each issuer',
      { user: opaque({ id: 'bob' }), session: opaque() },
      [
        { issuer: ONE, sub: 'bob', sid: 'name', before: BEFORE },
        { issuer: TWO, sub: 'bob', sid: 'name', before: BEFORE },
      ],
    ],
    [
      'a user, and a token as its session',
      { user: issSub(), session: jwtId() },
      [alice, { issuer: ONE, jti: 'token' }],
    ],
    [
      'two users',
      { user: issSub(), session: issSub({ iss: TWO, sub: 'bob' }) },
      [alice, { issuer: TWO, sub: 'bob', before: BEFORE }],
    ],
    [
      'a user of each issuer, and a token',
      { user: opaque({ id: 'bob' }), session: jwtId({ iss: TWO }) },
      [
        { issuer: ONE, sub: 'bob', before: BEFORE },
        { issuer: TWO, sub: 'bob', before: BEFORE },
        { issuer: TWO, jti: 'token' },
      ],
    ],
    ['nothing by its other members', { user: issSub(), device: opaque(), tenant: 'x' }, [alice]],
  ])('names %s', (_, members, named) => {
    for (const isSession of [true, false]) {
      expect(namedBy(complex(members), isSession)).toEqual(named)
      expect(namedBy(members, isSession)).toEqual(named)
    }
  })

  it.each<[string, object, string]>([
    ['without a user and a session', { device: opaque() }, 'subject'],
    ['without anything', {}, 'subject'],
    ['with a user that is a text', { user: 'alice', session: opaque() }, 'subject'],
    ['with a user that is null', { user: null, session: opaque() }, 'subject'],
    ['with a session that is a list', { user: issSub(), session: [opaque()] }, 'subject'],
    ['with a bad user', { user: opaque({ id: '' }), session: opaque() }, 'subject'],
    ['with a bad user alone', { user: {} }, 'subject'],
    ['with a bad session', { user: opaque(), session: {} }, 'subject'],
    ['with a bad session alone', { session: {} }, 'subject'],
    ['in a complex one', { user: complex({ user: issSub() }) }, 'subject'],
    ['with a user of another issuer', { user: issSub({ iss: OTHER }), session: opaque() }, 'denied'],
    ['with a session of another issuer', { user: issSub(), session: jwtId({ iss: OTHER }) }, 'denied'],
  ])('names nothing: one %s', (_, members, problem) => {
    expect(namedBy(complex(members))).toBe(problem)
    expect(namedBy(members)).toBe(problem)
  })
})
