import {
  type AccessToken,
  allOf,
  anyOf,
  anyScope,
  BearwardError,
  claim,
  createResourceServer,
  dpop,
  type Guard,
  type GuardLike,
  InsufficientScope,
  InvalidToken,
  introspected,
  mtls,
  scope,
} from 'bearward'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()

const server = createResourceServer({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
})

const requestWith = (claims: Record<string, unknown> = {}) => ({
  native: {},
  method: 'GET',
  target: '/',
  authorization: [`Bearer ${kit.token({ claims: kit.claims(claims) })}`],
  contentType: undefined,
})

interface Outcome {
  readonly outcome: 'permitted' | string
  readonly scopes?: readonly string[]
}

async function decide(guards: readonly GuardLike[], claims?: Record<string, unknown>): Promise<Outcome> {
  try {
    await server.authenticate(requestWith(claims), guards)
    return { outcome: 'permitted' }
  } catch (thrown) {
    if (!(thrown instanceof BearwardError)) return { outcome: `threw ${String(thrown)}` }
    return { outcome: thrown.reason, scopes: thrown.scopes }
  }
}

const PERMITTED = { outcome: 'permitted' }
const REFUSED = { outcome: 'guard', scopes: [] }
const lacks = (...scopes: readonly string[]) => ({ outcome: 'scope', scopes })

/** Guards that decide immediately and later. */
const yes: GuardLike = () => true
const no: GuardLike = () => false
const later = (value: boolean): GuardLike => {
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return value
  }
}

describe('G1: which guards permit', () => {
  it.each<[string, readonly GuardLike[], Outcome]>([
    ['none', [], PERMITTED],
    ['yes', [yes], PERMITTED],
    ['no', [no], REFUSED],
    ['yes, later', [later(true)], PERMITTED],
    ['no, later', [later(false)], REFUSED],
    ['yes and no', [yes, no], REFUSED],
    ['no and yes', [no, yes], REFUSED],
    ['yes and, later, no', [yes, later(false)], REFUSED],
    ['later yes and no', [later(true), no], REFUSED],
    ['later yes, later yes, yes', [later(true), later(true), yes], PERMITTED],
    ['allOf yes, yes', [allOf(yes, yes)], PERMITTED],
    ['allOf yes, no', [allOf(yes, no)], REFUSED],
    ['allOf later yes, later no', [allOf(later(true), later(false))], REFUSED],
    ['anyOf no, yes', [anyOf(no, yes)], PERMITTED],
    ['anyOf no, no', [anyOf(no, no)], REFUSED],
    ['anyOf later no, later yes', [anyOf(later(false), later(true))], PERMITTED],
    ['anyOf later no, later no', [anyOf(later(false), later(false))], REFUSED],
    ['anyOf with one that does not return true, and yes', [anyOf(() => 1 as unknown as boolean, yes)], PERMITTED],
    ['anyOf of allOf', [anyOf(allOf(yes, no), allOf(yes, yes))], PERMITTED],
    ['allOf of anyOf', [allOf(anyOf(no, yes), anyOf(no, no))], REFUSED],
    ['combinations five deep', [allOf(anyOf(allOf(anyOf(allOf(later(true))))))], PERMITTED],
    ['combinations five deep that refuse', [allOf(anyOf(allOf(anyOf(allOf(later(false))))))], REFUSED],
    ['a scope the token has', [scope('read:orders')], PERMITTED],
    ['a scope it lacks', [scope('admin')], lacks('admin')],
    ['two, of which it lacks one', [scope('read:orders', 'admin')], lacks('read:orders', 'admin')],
    [
      'the scopes of all guards, where one is missing',
      [scope('read:orders'), scope('admin')],
      lacks('read:orders', 'admin'),
    ],
    ['a scope it lacks after a guard that permits', [yes, scope('admin')], lacks('admin')],
    ['a scope it has after a guard that refuses', [no, scope('read:orders')], REFUSED],
    ['one of two scopes', [anyScope('admin', 'read:orders')], PERMITTED],
    ['none of two scopes: the challenge names the first', [anyScope('write:orders', 'admin')], lacks('write:orders')],
    ['anyOf with a scope: it would help', [anyOf(no, scope('admin'))], lacks('admin')],
    ['anyOf with two scopes: the first would help', [anyOf(scope('a'), scope('b'))], lacks('a')],
    ['allOf with a missing scope', [allOf(yes, scope('admin'))], lacks('admin')],
    ['allOf with the scope, and a guard that refuses: no scope would help', [allOf(scope('read:orders'), no)], REFUSED],
    ['the same in another order', [allOf(no, scope('read:orders'))], REFUSED],
    ['the same guard twice', [scope('admin'), scope('admin')], lacks('admin')],
    ['a scope named twice', [scope('admin', 'admin')], lacks('admin')],
  ])('%s', async (_, guards, outcome) => {
    expect(await decide(guards)).toEqual(outcome)
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['one', 1],
    ['a text', 'true'],
    ['an object', { permitted: true }],
    ['an array', [true]],
    ['a Boolean object', Object(true)],
    ['a function', () => true],
    ['a promise of one', Promise.resolve(1)],
    ['a promise of undefined', Promise.resolve(undefined)],
    ['a promise of an object', Promise.resolve({ permitted: true })],
  ])('only true permits, and %s does not', async (_, value) => {
    const guard = () => value as boolean
    for (const guards of [[guard], [allOf(guard)], [anyOf(guard)], [anyOf(no, guard)]]) {
      expect(await decide(guards)).toEqual(REFUSED)
    }
  })

  it('a guard function of the application is called itself', async () => {
    const none = { scopes: [], permits: () => false, every: [] }
    for (const guards of [[none], [allOf(none)], [anyOf(none)], [{ ...none, every: undefined as never, some: [] }]])
      expect(await decide(guards)).toEqual(REFUSED)
  })

  it('of a combination that an application has made, the guards are called, however they are nested', async () => {
    const permits = () => expect.fail('of a combination')
    const within = (...every: readonly Guard[]): Guard => ({ scopes: [], permits, every })
    expect(await decide([within(within(scope('read:orders'))), yes])).toEqual(PERMITTED)
    expect(await decide([yes, within(within(scope('admin')))])).toEqual(lacks('admin'))
    expect(
      await decide([{ scopes: [], permits, some: [within(scope('admin')), within(scope('read:orders'))] }]),
    ).toEqual(PERMITTED)
  })

  it('each guard is called once, and none after one that refuses', async () => {
    const calls: string[] = []
    const named = (name: string, permitted: boolean | Promise<boolean>) => () => {
      calls.push(name)
      return permitted
    }
    expect(await decide([named('a', true), named('b', Promise.resolve(true)), named('c', true)])).toEqual(PERMITTED)
    expect(calls.splice(0)).toEqual(['a', 'b', 'c'])
    expect(await decide([named('a', Promise.resolve(false)), named('b', true)])).toEqual(REFUSED)
    expect(await decide([named('c', false), named('d', true)])).toEqual(REFUSED)
    expect(calls).toEqual(['a', 'c'])
  })

  it('no guard is called for a bad token', async () => {
    const calls: unknown[] = []
    const guard = (token: AccessToken) => calls.push(token) > 0
    expect(await decide([guard], { exp: 1 })).toMatchObject({ outcome: 'expired' })
    expect(calls).toEqual([])
  })

  it('guards after one that refuses are not called', async () => {
    const calls: string[] = []
    const note = (name: string, value: boolean) => () => {
      calls.push(name)
      return value
    }
    await decide([note('a', true), note('b', false), note('c', true)])
    await decide([anyOf(note('d', true), note('e', true))])
    expect(calls).toEqual(['a', 'b', 'd'])
  })

  it('a guard gets the token and the request of the framework', async () => {
    const request = requestWith()
    const seen: unknown[] = []
    const token = await server.authenticate(request, [(...args: unknown[]) => seen.push(...args) > 0])
    expect(seen).toEqual([token, request.native])
    expect(seen[1]).toBe(request.native)
  })
})

describe('G1: claim', () => {
  const object = { a: 1 }

  it.each<[string, Parameters<typeof claim>[1], unknown, boolean]>([
    ['a text', 'gold', 'gold', true],
    ['another text', 'gold', 'Gold', false],
    ['a number', 3, 3, true],
    ['a number as text', 3, '3', false],
    ['zero and false', 0, false, false],
    ['true', true, true, true],
    ['true and a text', true, 'true', false],
    ['null', null, null, true],
    ['null and nothing', null, undefined, false],
    ['a list with it', 'gold', ['silver', 'gold'], true],
    ['a list without it', 'gold', ['silver'], false],
    ['a list in a list', 'gold', [['gold']], false],
    ['an object', 'gold', { gold: true }, false],
    ['a text that contains it', 'gold', 'golden', false],
    ['a list as text', 'gold', '["gold"]', false],
  ])('%s', async (_, expected, value, permits) => {
    expect(await decide([claim('tier', expected)], { tier: value })).toEqual(permits ? PERMITTED : REFUSED)
  })

  it('a predicate reads the value, and only true permits', async () => {
    expect(await decide([claim('tier', (value) => JSON.stringify(value) === '{"a":1}')], { tier: object })).toEqual(
      PERMITTED,
    )
    expect(await decide([claim('tier', () => 1 as unknown as boolean)], { tier: 1 })).toEqual(REFUSED)
  })

  it('the predicate is not called for a missing claim', async () => {
    expect(await decide([claim('tier', () => true)])).toEqual(REFUSED)
  })

  it.each([null, undefined, 'text', 7])('claims that a schema made no object of permit nothing: %j', (claims) => {
    expect(claim('length', 4).permits({ claims } as never, {}, {} as never)).toBe(false)
  })

  it('inherited members of objects are not claims', async () => {
    for (const name of ['toString', 'constructor', 'hasOwnProperty', '__proto__', 'valueOf']) {
      expect(await decide([claim(name, () => true)])).toEqual(REFUSED)
    }
  })
})

describe('A7: what a guard throws', () => {
  it('is rethrown unchanged, if it is an error', async () => {
    const own = new RangeError('own')
    const throwing = () => {
      throw own
    }
    for (const guards of [[throwing], [allOf(throwing)], [anyOf(throwing, yes)], [() => Promise.reject(own)]]) {
      await expect(Promise.resolve().then(() => server.authenticate(requestWith(), guards))).rejects.toBe(own)
    }
  })

  it.each<[string, unknown]>([
    ...[undefined, null, 0, '', false, 'route'].map((empty): [string, unknown] => [
      `${JSON.stringify(empty)}, for which frameworks would continue`,
      empty,
    ]),
    ['a response', new Response('all orders')],
    ['an object with a status', { status: 200 }],
    ['an error with a status', Object.assign(new Error('own'), { statusCode: 204 })],
    ['an error whose cause has one', new Error('own', { cause: { status: 404 } })],
    ['an error with headers', Object.assign(new Error('own'), { headers: {} })],
    ['an error that says how to respond', Object.assign(new Error('own'), { getResponse: () => new Response() })],
  ])('is the cause of an error with status 500, if it is %s', async (_, thrown) => {
    const guard = () => Promise.reject(thrown)
    const rejections = [
      server.authenticate(requestWith(), [guard]),
      server.decide(requestWith(), server.guards(guard)),
      server.decide(requestWith(), server.guards(allOf(yes, guard))),
    ]
    for (const rejection of rejections) {
      const caught = await Promise.resolve(rejection).catch((error: unknown) => error)
      expect(caught).toBeInstanceOf(Error)
      expect(caught).toMatchObject({ status: 500, statusCode: 500 })
      expect(caught).toHaveProperty('cause', thrown)
    }
  })

  it('never permits in a combination', async () => {
    const throwing = () => Promise.reject(new Error('own'))
    expect((await decide([anyOf(throwing, yes)])).outcome).toBe('threw Error: own')
    expect((await decide([anyOf(no, throwing)])).outcome).toBe('threw Error: own')
  })

  it('becomes a response if it is a BearwardError', async () => {
    const refuse = () => Promise.reject(new InvalidToken('claims'))
    const caught = await Promise.resolve()
      .then(() => server.authenticate(requestWith(), [refuse]))
      .catch((error: unknown) => error)
    expect(caught).toBeInstanceOf(InvalidToken)
    expect((caught as BearwardError).response).toMatchObject({
      status: 401,
      body: expect.stringContaining('invalid_token'),
    })
    const enough = () => Promise.reject(new InsufficientScope('scope', { scopes: ['admin'] }))
    expect(await decide([enough])).toEqual(lacks('admin'))
  })
})

describe('guards belong to the server that checked them (G8)', () => {
  const strict = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => NOW,
    dpop: 'require',
  })
  const lax = server.guards()

  it('those of another server are an error of the application, whatever they would permit', async () => {
    for (const method of ['authenticate', 'optionalAuth', 'decide'] as const) {
      await expect(strict[method](requestWith(), lax)).rejects.toThrow('guards must come from guards()')
    }
    await expect(strict.authenticate(requestWith(), strict.guards())).rejects.toMatchObject({ reason: 'unbound' })
  })

  it.each<[string, unknown]>([
    ['an object that looks like guards', { ...lax, list: [], scopes: [], modes: { dpop: 'off', mtls: 'off' } }],
    ['a guard itself', scope('a')],
    ['a function', () => true],
    ['null', null],
    ['a text', 'read:orders'],
  ])('so is %s', async (_name, guards) => {
    for (const method of ['authenticate', 'optionalAuth', 'decide'] as const) {
      await expect(server[method](requestWith(), guards as never)).rejects.toThrow(TypeError)
    }
  })
})

describe('permits, called by a guard of the application', () => {
  it.each<[string, () => Guard, boolean]>([
    ['one of its scopes', () => anyScope('b', 'a'), true],
    ['none of its scopes', () => anyScope('b', 'c'), false],
    ['all guards', () => allOf(scope('a'), claim('sub', 'user-1')), true],
    ['all guards but one', () => allOf(scope('a'), claim('sub', 'other')), false],
    ['the second alternative', () => anyOf(scope('b'), claim('sub', 'user-1')), true],
    ['no alternative', () => anyOf(scope('b'), claim('sub', 'other')), false],
    ['all, one of them later', () => allOf(scope('a'), deferred(true)), true],
    ['not the one that decides later', () => allOf(scope('a'), deferred(false)), false],
    ['an alternative that decides later', () => anyOf(scope('b'), deferred(true)), true],
    ['what is required of the proof', () => allOf(dpop('require'), mtls('require'), introspected({ maxAge: 1 })), true],
    ['no alternative, one of them later', () => anyOf(scope('b'), deferred(false)), false],
  ])('a token that satisfies %s', async (_, create, expected) => {
    const guard = create()
    const seen: boolean[] = []
    const own: Guard = {
      scopes: [],
      async permits(token, request, context) {
        seen.push(await guard.permits(token, request, context))
        return true
      },
    }
    await server.authenticate(requestWith({ scope: 'a' }), [own])
    expect(seen).toEqual([expected])
  })
})

function deferred(permitted: boolean): Guard {
  return allOf(async () => permitted)
}
