import {
  allOf,
  anyOf,
  authentication,
  authorizationDetails,
  ConfigurationError,
  claim,
  dpop,
  type GuardLike,
  InvalidToken,
  introspected,
  mtls,
  reportOnly,
  scope,
} from 'bearward'
import { beforeEach, describe, expect, it } from 'vitest'
import { ISSUER } from '../corpus/kit.ts'
import { createDecider } from './decide.ts'

// G6.

const { decide, stacked, reports, server, requestWith, tokenWith } = createDecider()
const PERMITTED = 'permitted'
const about = { type: 'report', issuer: ISSUER, format: 'jwt' } as const
const refused = { ...about, outcome: 'refused', status: 403, code: 'ERR_INSUFFICIENT_SCOPE' } as const
const failed = { ...about, outcome: 'failed', status: undefined, code: undefined, reason: undefined, scopes: [] }

beforeEach(() => {
  reports.length = 0
})

const thenable = (then: PropertyDescriptor) => Object.defineProperty({}, 'then', then) as unknown as Promise<boolean>
const later = () => new Promise((resolve) => setImmediate(resolve))

describe('G6: a report-only guard refuses no request, and reports what it would have refused', () => {
  it.each<[string, GuardLike, object]>([
    ['a scope', scope('a', 'b'), { ...refused, reason: 'scope', claim: 'scope', scopes: ['a', 'b'] }],
    ['a claim', claim('tier', 'gold'), { ...refused, reason: 'guard', claim: undefined, scopes: [] }],
    ['a function', () => false, { ...refused, reason: 'guard', claim: undefined, scopes: [] }],
    [
      'a function that does not return true',
      () => 1 as unknown as boolean,
      { ...refused, reason: 'guard', claim: undefined, scopes: [] },
    ],
    ['details', authorizationDetails('pay'), { ...refused, reason: 'guard', claim: undefined, scopes: [] }],
    [
      'a combination',
      allOf(scope('a'), scope('b')),
      { ...refused, reason: 'scope', claim: 'scope', scopes: ['a', 'b'] },
    ],
    ['alternatives', anyOf(claim('a', 1), scope('b')), { ...refused, reason: 'scope', claim: 'scope', scopes: ['b'] }],
    [
      'a sign-in',
      authentication({ acr: 'gold' }),
      {
        ...about,
        outcome: 'refused',
        status: 401,
        code: 'ERR_INSUFFICIENT_USER_AUTHENTICATION',
        reason: 'authentication',
        claim: 'acr',
        scopes: [],
      },
    ],
    [
      'an error of ours',
      () => {
        throw new InvalidToken('claims')
      },
      {
        ...about,
        outcome: 'refused',
        status: 401,
        code: 'ERR_INVALID_TOKEN',
        reason: 'claims',
        claim: undefined,
        scopes: [],
      },
    ],
    [
      'an error of the application',
      () => {
        throw new Error('own')
      },
      failed,
    ],
    [
      'a thrown undefined',
      () => {
        throw undefined
      },
      failed,
    ],
    [
      'an object whose members throw',
      () => {
        throw new Proxy({}, { get: () => raise('get'), getPrototypeOf: () => raise('getPrototypeOf') })
      },
      failed,
    ],
    [
      'one within another',
      reportOnly(claim('tier', 'gold')),
      { ...refused, reason: 'guard', claim: undefined, scopes: [] },
    ],
  ])('%s', async (_, guard, event) => {
    expect(await decide([reportOnly(guard)])).toBe(PERMITTED)
    expect(reports).toEqual([event])
  })

  const raise = (name: string): never => {
    throw new Error(name)
  }

  it.each<[string, GuardLike, object]>([
    ['refuses', async () => false, { ...refused, reason: 'guard', claim: undefined, scopes: [] }],
    ['rejects', () => Promise.reject(new Error('own')), failed],
    ['rejects with undefined', () => Promise.reject(undefined), failed],
    [
      'rejects with an object whose members throw',
      () => Promise.reject(new Proxy({}, { get: () => raise('get'), getPrototypeOf: () => raise('getPrototypeOf') })),
      failed,
    ],
    ['is an odd thenable', () => thenable({ value: () => raise('then') }), failed],
    ['throws when its then is read', () => thenable({ get: () => raise('then') }), failed],
  ])('one that %s later', async (_, guard, event) => {
    expect(await server.authenticate(requestWith(tokenWith({})), [reportOnly(guard)])).toMatchObject({
      subject: 'user-1',
    })
    await later()
    expect(reports).toEqual([event])
  })

  it('one that never settles is not awaited', async () => {
    const outcome = await server.authenticate(requestWith(tokenWith({})), [
      reportOnly(() => new Promise(() => undefined)),
    ])
    expect(outcome).toMatchObject({ subject: 'user-1' })
    await later()
    expect(reports).toEqual([])
  })

  it('one that permits reports nothing', async () => {
    const guards = [
      reportOnly(scope('read:orders')),
      reportOnly(async () => true),
      reportOnly(anyOf(scope('a'), () => true)),
    ]
    expect(await decide(guards)).toBe(PERMITTED)
    await later()
    expect(reports).toEqual([])
  })

  it('a guard that throws while it is reported is reported as well', async () => {
    const odd = { scopes: [], permits: () => false, refusal: () => raise('refusal') }
    const oddLater = { ...odd, permits: async () => false }
    // A refusal is also read when a route is set up, so these members are added later.
    const grown = { ...odd, refusal: undefined as never }
    expect(() => server.guards(odd)).toThrow('refusal')
    const guards = server.guards(reportOnly(grown), reportOnly(oddLater))
    Object.assign(grown, { refusal: () => raise('refusal') })
    expect(await server.authenticate(requestWith(tokenWith({})), guards)).toMatchObject({ subject: 'user-1' })
    await later()
    expect(reports).toEqual([failed])
  })
})

describe('G6: report-only guards change nothing', () => {
  it('in what the other guards refuse, and how', async () => {
    expect(await decide([reportOnly(claim('a', 1)), scope('b')])).toBe('403 error="insufficient_scope" scope="b"')
    expect(await decide([scope('b'), reportOnly(scope('a'))])).toBe('403 error="insufficient_scope" scope="b"')
    expect(await decide([reportOnly(scope('a')), claim('tier', 'gold')])).toBe('403 error="insufficient_scope"')
    expect(await stacked([[reportOnly(scope('a'))], [scope('b')]])).toBe('403 error="insufficient_scope" scope="b"')
  })

  it('in what a combination permits', async () => {
    expect(await decide([allOf(reportOnly(claim('a', 1)), scope('read:orders'))])).toBe(PERMITTED)
    expect(await decide([allOf(reportOnly(claim('a', 1)), scope('b'))])).toBe(
      '403 error="insufficient_scope" scope="b"',
    )
    expect(await decide([anyOf(scope('a'), allOf(scope('b'), reportOnly(claim('a', 1))))])).toBe(
      '403 error="insufficient_scope" scope="a"',
    )
  })

  it('in the refusal of a bad token, for which they are not called', async () => {
    expect(await decide([reportOnly(scope('a'))], { exp: 1 })).toBe('401 error="invalid_token"')
    expect(reports).toEqual([])
  })

  it('and are reported once per request, however often they are mounted', async () => {
    const guard = reportOnly(scope('a'))
    await stacked([[guard], [guard, reportOnly(scope('a'))]])
    expect(reports).toHaveLength(1)
    await stacked([[guard, reportOnly(claim('b', 1))]])
    expect(reports.map(({ reason }) => reason)).toEqual(['scope', 'scope', 'guard'])
  })
})

describe('A6: what cannot be report-only', () => {
  const bound = createDecider({ dpop: 'accept', mtls: 'accept' })

  it.each<[string, () => unknown, string, string]>([
    ['introspected()', () => reportOnly(introspected({ maxAge: 1 })), 'reportOnly', 'cannot contain introspected()'],
    [
      'introspected() in a combination',
      () => reportOnly(allOf(scope('a'), introspected({ maxAge: 1 }))),
      'reportOnly',
      'cannot contain introspected()',
    ],
    [
      'dpop() in a mode that refuses others',
      () => reportOnly(dpop('off')),
      'reportOnly',
      "dpop() only with the mode 'require'",
    ],
    [
      'dpop() in a mode that requires nothing',
      () => reportOnly(dpop('accept')),
      'reportOnly',
      "dpop() only with the mode 'require'",
    ],
    ['mtls() likewise', () => reportOnly(allOf(mtls('off'))), 'reportOnly', "mtls() only with the mode 'require'"],
    ['no guard', () => reportOnly('scope' as never), 'reportOnly[0]', 'must be a guard'],
    [
      'an alternative, which would open the others',
      () => anyOf(scope('a'), reportOnly(scope('b'))),
      'anyOf',
      'cannot contain reportOnly()',
    ],
    [
      'the same in a combination',
      () => anyOf(scope('a'), allOf(reportOnly(scope('b')))),
      'anyOf',
      'cannot contain reportOnly()',
    ],
    ['dpop() if the server does not have it', () => server.guards(reportOnly(dpop('require'))), 'dpop', 'is off'],
    ['dpop() twice', () => bound.server.guards(reportOnly(dpop('require')), dpop('accept')), 'dpop', 'set twice'],
    [
      'a scope that is not declared',
      () => createDecider({ scopes: ['a'] }).server.guards(reportOnly(anyOf(scope('a'), scope('b')))),
      'scopes',
      'does not declare "b"',
    ],
    [
      'what the server requires already',
      () => createDecider({ dpop: 'require' }).server.guards(reportOnly(dpop('require'))),
      'dpop',
      'nothing to report',
    ],
  ])('%s', (_, attempt, option, says) => {
    expect(attempt).toThrow(ConfigurationError)
    expect(attempt).toThrow(expect.objectContaining({ option, message: expect.stringContaining(says) }))
  })

  it('reportOnly(dpop(require)) is dpop(report-only), and the same for mtls, also in combinations', () => {
    const { server } = bound
    expect(server.guards(reportOnly(dpop('require'))).modes).toEqual({ dpop: 'report-only', mtls: 'accept' })
    expect(server.guards(reportOnly(dpop('require'))).modes).toEqual(server.guards(dpop('report-only')).modes)
    expect(server.guards(reportOnly(allOf(dpop('require'), mtls('require')))).modes).toEqual({
      dpop: 'report-only',
      mtls: 'report-only',
    })
  })
})

describe('G6: a report-only sender constraint', () => {
  const unbound = {
    ...about,
    outcome: 'refused',
    status: 401,
    code: 'ERR_INVALID_TOKEN',
    reason: 'unbound',
    claim: 'cnf',
    scopes: [],
  }

  it.each([
    ['dpop of the server', { dpop: { mode: 'report-only' } } as const, []],
    ['mtls of the server', { mtls: { mode: 'report-only' } } as const, []],
    ['dpop of the route', { dpop: 'accept' } as const, [dpop('report-only')]],
    ['mtls of the route', { mtls: 'accept' } as const, [mtls('report-only')]],
    ['a report-only guard', { dpop: 'accept' } as const, [reportOnly(dpop('require'))]],
    ['one in a combination', { mtls: 'accept' } as const, [allOf(scope('read:orders'), reportOnly(mtls('require')))]],
  ])('lets tokens through that are not bound: %s', async (_, options, guards) => {
    const own = createDecider(options)
    expect(await own.decide(guards)).toBe(PERMITTED)
    expect(own.reports).toEqual([unbound])
    expect(await own.stacked([guards, guards, guards])).toBe(PERMITTED)
    expect(own.reports).toHaveLength(2)
  })

  it('changes nothing for a bound token without proof (RFC 9449 §7.2)', async () => {
    const own = createDecider({ dpop: { mode: 'report-only' } })
    const cnf = { jkt: 'A'.repeat(43) }
    expect(await own.decide([], { cnf })).toContain('401 error="invalid_token"')
    expect(own.reports).toEqual([])
  })
})
