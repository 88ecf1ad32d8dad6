import {
  allOf,
  anyOf,
  anyScope,
  authentication,
  ConfigurationError,
  claim,
  createResourceServer,
  dpop,
  type GuardLike,
  introspected,
  mtls,
  reportOnly,
  scope,
} from 'bearward'
import { resourceServer as expressServer } from 'bearward/express'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as honoServer } from 'bearward/hono'
import { describe, expect, it } from 'vitest'
import { requestWith } from '../support/upstream/requests.ts'

const options = { resource: 'https://api.example.com', issuer: 'https://auth.example.com' }
const server = createResourceServer(options)
const declaring = createResourceServer({ ...options, scopes: ['read', 'write'] })

/** Values that JavaScript programs can pass despite the types. */
const loose = (value: unknown) => value as never

function problem(attempt: () => unknown): ConfigurationError {
  try {
    attempt()
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('A6: invalid guards', () => {
  it.each<[string, () => unknown, string, string]>([
    ['scope without a scope', () => Reflect.apply(scope, null, []), 'scope', 'at least one element'],
    ['scope with an array', () => scope(loose(['a', 'b'])), 'scope[0]', 'pass several as separate values'],
    ['requireScope mounted uncalled', () => Reflect.apply(scope, null, [{}, {}]), 'scope[0]', "requireScope('a', 'b')"],
    ['introspected in anyOf', () => anyOf(introspected({ maxAge: 1 }), scope('a')), 'anyOf', 'put it beside anyOf'],
    ['dpop in anyOf', () => anyOf(scope('a'), dpop('require')), 'anyOf', 'put it beside anyOf'],
    ['mtls in allOf in anyOf', () => anyOf(allOf(scope('a'), mtls('require'))), 'anyOf', 'put it beside anyOf'],
    ['scope with several in one string', () => scope('a b'), 'scope[0]', 'must be one scope'],
    ['scope with a quote', () => scope('a"'), 'scope[0]', 'got "a\\""'],
    ['scope with nothing in it', () => scope(''), 'scope[0]', 'got ""'],
    ['scope with undefined', () => scope('a', loose(undefined)), 'scope[1]', 'got undefined'],
    ['anyScope without a scope', () => Reflect.apply(anyScope, null, []), 'anyScope', 'at least one element'],
    ['anyScope with a space', () => anyScope('a', 'b c'), 'anyScope[1]', 'must be one scope'],
    ['claim without a name', () => claim('', 1), 'claim', 'must be a string that is not empty'],
    ['claim with undefined as name', () => claim(loose(undefined), 1), 'claim', 'got undefined'],
    ['claim without a value', () => claim('a', loose(undefined)), 'claim("a")', 'got undefined'],
    [
      'claim with an object',
      () => claim('a', loose({})),
      'claim("a")',
      'must be a string, a number, a boolean, null or a function',
    ],
    ['claim with an array', () => claim('a', loose(['x'])), 'claim("a")', 'got an array'],
    ['claim with a bigint', () => claim('a', loose(1n)), 'claim("a")', 'got a value of type bigint'],
    ['anyOf without a guard', () => anyOf(), 'anyOf', 'needs at least one guard'],
    ['allOf without a guard', () => allOf(), 'allOf', 'needs at least one guard'],
    ['anyOf with a scope name', () => anyOf(loose('read')), 'anyOf[0]', 'must be a guard'],
    ['allOf with undefined', () => allOf(scope('a'), loose(undefined)), 'allOf[1]', 'must be a guard'],
    ['protect with a scope name', () => server.guards(loose('read')), 'protect[0]', 'must be a guard'],
    ['protect with an array of guards', () => server.guards(loose([scope('a')])), 'protect[0]', 'must be a guard'],
    ['protect with an object', () => server.guards(loose({ permits: true })), 'protect[0]', 'must be a guard'],
    ['introspected with a text', () => introspected(loose({ maxAge: '5' })), 'introspected.maxAge', 'seconds'],
    [
      'a guard by hand',
      () => server.guards({ scopes: [], maxAge: -1, permits: () => true }),
      'protect[0].maxAge',
      'seconds',
    ],
    ['protect with null', () => server.guards(loose(null)), 'protect[0]', 'must be a guard'],
    ['dpop with an unknown mode', () => dpop(loose('on')), 'dpop', 'got "on"'],
    ['mtls with an unknown mode', () => mtls(loose('on')), 'mtls', 'got "on"'],
  ])('%s', (_, attempt, option, says) => {
    const thrown = problem(attempt)
    expect(thrown.option).toBe(option)
    expect(thrown.message).toContain(says)
  })
})

describe('G2: scopes that are not declared', () => {
  it.each<[string, GuardLike]>([
    ['scope', scope('raed')],
    ['the second of a scope', scope('read', 'wirte')],
    ['anyScope', anyScope('raed', 'read')],
    ['the second of anyScope', anyScope('read', 'wirte')],
    ['allOf', allOf(scope('read'), scope('wirte'))],
    ['anyOf', anyOf(scope('raed'), scope('read'))],
    ['the second of anyOf', anyOf(scope('read'), scope('wirte'))],
    [
      'one nested in combinations',
      anyOf(claim('a', 1), allOf(scope('read'), anyOf(scope('write'), anyScope('read', 'wirte')))),
    ],
  ])('are found when the route is set up: %s', (_, guard) => {
    const thrown = problem(() => declaring.guards(loose(guard)))
    expect(thrown.option).toBe('scopes')
    expect(thrown.message).toMatch(/does not declare "(raed|wirte)"/)
  })

  it('are not checked if none are declared', () => {
    expect(() => server.guards(scope('whatever'), anyScope('a', 'b'))).not.toThrow()
  })

  it('pass if they are declared', () => {
    expect(() =>
      declaring.guards(scope('read'), anyScope('write', 'read'), anyOf(scope('write'), claim('a', 1))),
    ).not.toThrow()
  })

  it.each([
    ['Express', () => expressServer({ ...options, scopes: ['read'] })],
    ['Fastify', () => fastifyServer({ ...options, scopes: ['read'] })],
    ['Hono', () => honoServer({ ...options, scopes: ['read'] })],
  ] as const)('are found by %s as well', (_, make) => {
    expect(problem(() => make().requireScope(loose('raed'))).option).toBe('scopes')
    expect(problem(() => make().requireAnyScope(loose('raed'))).option).toBe('scopes')
    expect(problem(() => make().protect(loose(scope('raed')))).option).toBe('scopes')
    expect(problem(() => make().optionalAuth(loose(scope('raed')))).option).toBe('scopes')
  })
})

describe('introspected() needs introspection at every issuer (I9)', () => {
  const introspect = () => ({ active: false })
  const guardsOf = (issuer: Parameters<typeof createResourceServer>[0]['issuer']) =>
    createResourceServer({ ...options, issuer }).guards(introspected({ maxAge: 1 }))

  it('the one without it is named', () => {
    const able = { issuer: 'https://able.example', introspect }
    for (const issuer of [options.issuer, [able, options.issuer], [options.issuer, able]]) {
      const thrown = problem(() => guardsOf(issuer))
      expect(thrown.option).toBe('introspected')
      expect(thrown.message).toContain(`introspect at each issuer; ${options.issuer} has neither`)
    }
  })

  it('also if the requirement is one of several', () => {
    expect(problem(() => server.guards(scope('a'), allOf(introspected({ maxAge: 0 })))).option).toBe('introspected')
  })

  it('unless the issuers are found at run time', () => {
    expect(guardsOf({ issuer: options.issuer, introspect })).toBeDefined()
    expect(guardsOf({ allow: { has: () => true }, resolve: () => ({}) } as never)).toBeDefined()
  })
})

describe('guards are values', () => {
  it('that are frozen, so that a route cannot change those of another', () => {
    for (const guard of [scope('a'), anyScope('a', 'b'), claim('a', 1), allOf(scope('a')), anyOf(scope('a'))]) {
      expect(Object.isFrozen(guard)).toBe(true)
      expect(Object.isFrozen(guard.scopes) || guard.scopes.length === 0).toBe(true)
    }
  })

  it('that name no scope, unless they require one', () => {
    const others = [authentication({ maxAge: 1 }), dpop('require'), mtls('require'), introspected({ maxAge: 1 })]
    expect([...others, reportOnly(scope('a'))].flatMap(({ scopes }) => scopes)).toEqual([])
    expect(anyScope('a', 'b').scopes).toEqual(['a'])
  })

  it('that do not change with an array that was spread into them', async () => {
    const names: [string, ...string[]] = ['a', 'b']
    const guard = scope(...names)
    names.length = 0
    expect(guard.scopes).toEqual(['a', 'b'])
  })
})

describe('the mode of a route decides which schemes its challenge offers (RFC 9449 §7.1)', () => {
  const proving = createResourceServer({ ...options, dpop: 'accept' })

  it.each([
    ['off', ['Bearer']],
    ['accept', ['Bearer', 'DPoP']],
    ['report-only', ['Bearer', 'DPoP']],
    ['require', ['DPoP']],
  ] as const)('%s: %j', async (mode, schemes) => {
    const thrown = await proving.authenticate(requestWith(undefined), [dpop(mode)]).catch((error) => error)
    expect(proving.respond(thrown).headers['WWW-Authenticate']?.match(/\w+(?= realm=)/g)).toEqual(schemes)
  })
})
