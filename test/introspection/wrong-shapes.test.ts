import { describe, expect, it } from 'vitest'
import { readResponse } from '../../src/introspection/response.ts'
import { activeResponse, opaqueToken } from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { introspectionOf, useBench } from './kit.ts'

// I2: only boolean true is active, and anything but a complete, well-formed response is an upstream error.

const bench = useBench()

/** A valid response with an extra member; for what `JSON.stringify` cannot write. */
const responseWith = (member: string) => JSON.stringify(activeResponse()).replace(/\}$/, `,${member}}`)

const wrongType = (name: string, values: readonly unknown[]) =>
  values.map(
    (value) => [`${name} is ${JSON.stringify(value)}`, JSON.stringify(activeResponse({ [name]: value }))] as const,
  )

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

// Not decimal strings, although Number() reads some of them.
const NOT_A_TIME = [
  '',
  ' 1',
  '1 ',
  '-1',
  '+1',
  '1e9',
  '0x7f',
  'Infinity',
  'soon',
  '1'.repeat(16),
  true,
  [1_700_000_000],
  {},
]
const NOT_A_STRING = [7, true, ['text'], {}]

const WRONG: readonly (readonly [what: string, body: string])[] = [
  ['a list', '[]'],
  ['a list with a response in it', `[${JSON.stringify(activeResponse())}]`],
  ['null', 'null'],
  ['nested 50 deep', responseWith(`"x":${nested(50)}`)],
  ['nested 20,000 deep', responseWith(`"x":${nested(20_000)}`)],
  ['true', 'true'],
  ['a number', '1'],
  ['a string', '"active"'],
  ['an empty object', '{}'],
  ['no active', JSON.stringify(activeResponse({ active: undefined }))],
  ['active in another spelling', JSON.stringify({ ...activeResponse({ active: undefined }), Active: true })],
  ['active in a prototype only', '{"__proto__":{"active":true,"aud":"https://api.example.com"}}'],
  ...wrongType('active', ['true', 'false', 1, 0, 'yes', '', null, [true], { active: true }]),
  ...['exp', 'nbf', 'iat'].flatMap((name) => wrongType(name, NOT_A_TIME)),
  ...['exp', 'nbf', 'iat'].map((name) => [`${name} is 1e999`, responseWith(`"${name}":1e999`)] as const),
  ['exp is -1e999', responseWith('"exp":-1e999')],
  ...['iss', 'sub', 'client_id', 'jti', 'token_type', 'username'].flatMap((name) => wrongType(name, NOT_A_STRING)),
  ...wrongType('scope', [7, true, {}, ['a', 7], [null], [['a']]]),
  ...wrongType('aud', [7, true, {}, [RESOURCE, 7], [null], [[RESOURCE]]]),
]

function isAccepted(body: string): boolean {
  const json: unknown = JSON.parse(body)
  return (
    typeof json === 'object' &&
    json !== null &&
    !Array.isArray(json) &&
    Object.hasOwn(json, 'active') &&
    typeof (json as { active: unknown }).active === 'boolean'
  )
}

describe('a response of the wrong shape (RFC 7662 §2.2)', () => {
  for (const [what, body] of WRONG) {
    it(`${what}: 503, an event with the reason, and nothing is cached`, async () => {
      bench.endpoint.reply = (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      const server = bench.server()
      const token = opaqueToken()
      const outcome = await send(server, token)
      expect(outcome).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
      expect(outcome.retryAfter).toBeGreaterThanOrEqual(1)
      expect(outcome.headers).not.toHaveProperty('WWW-Authenticate')
      // No retry: the next response would be the same.
      expect(bench.endpoint.calls()).toBe(1)
      // Either not a response at all, or one with invalid members.
      const code = isAccepted(body) ? 'claims' : 'shape'
      expect(bench.log.of('fetch')).toEqual([
        expect.objectContaining({ target: 'introspection', outcome: 'failed', code }),
      ])
      expect(introspectionOf(server)?.lastError).toMatchObject({ code })
      // Cached neither as active nor as inactive.
      bench.endpoint.reply = bench.endpoint.respondByToken
      bench.endpoint.responses.set(token, activeResponse())
      expect((await send(server, token)).status).toBe(200)
      expect(bench.endpoint.calls()).toBe(2)
      expect(introspectionOf(server)?.lastError).toBeUndefined()
    })
  }

  it('there are more than eighty of them', () => {
    expect(WRONG.length).toBeGreaterThan(80)
    expect(new Set(WRONG.map(([what]) => what)).size).toBe(WRONG.length)
  })
})

const RIGHT: Readonly<Record<string, Record<string, unknown>>> = {
  'only active and aud': {
    scope: undefined,
    client_id: undefined,
    sub: undefined,
    iat: undefined,
    exp: undefined,
  },
  'no token_type': { token_type: undefined },
  'times with fractions': { iat: Date.now() / 1000 - 0.5, exp: Date.now() / 1000 + 99.5 },
  'a list of audiences': { aud: ['urn:other', RESOURCE] },
  'an empty scope': { scope: '' },
  'custom members': { 'https://as.example/x': { a: [1, null] }, groups: ['a'], active_since: 'x' },
  'a username': { username: 'ärger@example.com' },
}

describe('an unusual but legal response (RFC 7662 §2.2)', () => {
  for (const [what, members] of Object.entries(RIGHT)) {
    it(`${what}: 200`, async () => {
      expect((await send(bench.server(), bench.opaque(members))).status).toBe(200)
    })
  }

  it('surrounding whitespace and duplicate members: the last one wins, as in any JSON (RFC 8259 §4)', async () => {
    const respondWith = (body: string) => {
      bench.endpoint.reply = (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    }
    respondWith(` \r\n${JSON.stringify(activeResponse())}\t `)
    expect((await send(bench.server(), opaqueToken())).status).toBe(200)
    respondWith(responseWith('"active":false'))
    expect(await send(bench.server(), opaqueToken())).toMatchObject({ status: 401, reason: 'inactive' })
  })

  it('inactive alone, or with members that are not read: 401', async () => {
    for (const body of ['{"active":false}', '{"active":false,"sub":"x","aud":"y","exp":1}']) {
      bench.endpoint.reply = (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      expect(await send(bench.server(), opaqueToken())).toMatchObject({ status: 401, reason: 'inactive' })
    }
  })
})

describe('what is read of a response (RFC 7662 §2.2)', () => {
  const read = (members: object) => readResponse({ active: true, ...members })

  it('its members as they are, without active, and times as numbers', () => {
    const claims = { sub: 'alice', aud: ['a', 'b'], scope: 'a b', groups: ['c'] }
    expect(read(claims)).toEqual({ active: true, claims })
    expect(read({ exp: '1700000000', nbf: '1.5', iat: '1.123456789', sub: '1' })).toEqual({
      active: true,
      claims: { exp: 1_700_000_000, nbf: 1.5, iat: 1.123456789, sub: '1' },
    })
    expect(readResponse({ active: false, sub: 'alice' })).toEqual({ active: false })
  })

  it('no member that is null, except a confirmation: it must not become a token without a binding (RFC 7800 §3.1)', () => {
    expect(read({ sub: null, exp: null, cnf: null })).toEqual({ active: true, claims: { cnf: null } })
  })

  it('up to 32 levels below it', () => {
    const levels = (count: number) => JSON.parse(nested(count)) as unknown
    expect(read({ x: levels(32) })).toMatchObject({ active: true })
    expect(() => read({ x: levels(33) })).toThrow('the introspection response is unusable: it is nested too deep')
  })

  it.each<[unknown, string, string]>([
    [[], 'shape', 'it is not a JSON object'],
    [{}, 'shape', 'active is not a boolean'],
    [Object.create({ active: true }), 'shape', 'active is not a boolean'],
    [{ active: true, sub: 1 }, 'claims', 'sub is not a string'],
    [{ active: true, exp: '1.' }, 'claims', 'exp is not a finite number'],
    [{ active: true, exp: '.5' }, 'claims', 'exp is not a finite number'],
    [{ active: true, exp: `1.${'1'.repeat(10)}` }, 'claims', 'exp is not a finite number'],
    [{ active: true, aud: 1 }, 'claims', 'aud is not a string or a list of strings'],
    [{ active: true, scope: [1] }, 'claims', 'scope is not a string or a list of strings'],
  ])('%j is unusable, and the error says why', (json, code, problem) => {
    const error = { code, message: `the introspection response is unusable: ${problem}` }
    expect(() => readResponse(json)).toThrow(expect.objectContaining(error))
  })
})
