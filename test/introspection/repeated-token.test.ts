import { introspected, scope } from 'bearward'
import { describe, expect, it } from 'vitest'
import { withoutToken } from '../../src/introspection/without-token.ts'
import { activeResponse } from '../support/issuer/introspection-endpoint.ts'
import { send, until } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I4, I10: a response that repeats the token. No cache, store or handler may get the token from it.

const bench = useBench()

const numbered = (one: string) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`

const REPEATED: Readonly<Record<string, (token: string) => Record<string, unknown>>> = {
  'as a member': (token) => ({ token }),
  'as jti': (token) => ({ jti: token }),
  nested: (token) => ({ request: { session: { access_token: token } } }),
  'in a list': (token) => ({ tokens: ['x', token, [token]] }),
  'in a list of objects': (token) => ({ authorization_details: [{ type: 'a', locations: [token] }] }),
  'in a string': (token) => ({ note: `issued as ${token}, twice: ${token}` }),
  'in the query of a URL': (token) => ({ link: `https://as.example/t?token=${encodeURIComponent(token)}&x=1` }),
  'in such a query, in lower case': (token) => ({
    link: `https://as.example/t?token=${encodeURIComponent(token).replace(/%../g, (code) => code.toLowerCase())}`,
  }),
  'in a form': (token) => ({ request: `${new URLSearchParams({ token })}` }),
  'in JSON whose slashes are escaped (RFC 8259 §7)': (token) => ({
    raw: JSON.stringify({ token }).replaceAll('/', '\\/'),
  }),
  'in JSON in a string': (token) => ({ raw: JSON.stringify({ token }) }),
  'in JSON in JSON in a string': (token) => ({
    raw: JSON.stringify({ raw: JSON.stringify({ token }).replaceAll('/', '\\/') }),
  }),
  'in JSON with escapes by number, as Gson and System.Text.Json write it (RFC 8259 §7)': (token) => ({
    raw: `{"token":"${token.replace(/[=+]/g, numbered)}"}`,
    upper: token.replace(/[^a-z0-9]/gi, (one) => numbered(one).toUpperCase().replace('U', 'u')),
    twice: JSON.stringify({ raw: `{"token":"${token.replace(/[=+]/g, numbered)}"}` }),
  }),
  'in a URL in the query of a URL': (token) => ({
    link: `https://as.example/?to=${encodeURIComponent(`/t?token=${encodeURIComponent(token)}`)}`,
  }),
  'as the name of a member': (token) => ({ index: { [token]: 1 } }),
}

const TOKEN = 'ab+c/DEF~ghi-123.456_78=='

/** Without the escapes of JSON, URLs and forms. */
const unescaped = (text: string) =>
  decoded(text.replace(/\\+u([0-9a-f]{4})/gi, (_, code) => decodeCode(code)).replaceAll('\\', ''))

const decoded = (text: string): string => {
  const once = text.replace(/%([0-9a-f]{2})/gi, (_, code) => decodeCode(code))
  return once === text ? text : decoded(once)
}

const decodeCode = (code: string) => String.fromCharCode(Number.parseInt(code, 16))

describe.each(Object.entries(REPEATED))('a response that repeats the token %s', (_where, members) => {
  it('is used and cached without it, here and in the shared store', async () => {
    const store = new Map<string, string>()
    const server = bench.server({}, {}, { stores: { introspection: store } })
    bench.opaque(members(TOKEN), TOKEN)
    const first = await server.verify(TOKEN)
    await until(() => store.size === 1, 'the record')
    const everything = JSON.stringify([[...store], first.claims, (await server.verify(TOKEN)).claims])
    expect(bench.endpoint.calls()).toBe(1)
    expect(unescaped(everything)).not.toContain(TOKEN)
    // The record is usable for another process.
    const other = bench.server({}, {}, { stores: { introspection: store } })
    expect((await other.verify(TOKEN)).claims).toEqual(first.claims)
    expect(bench.endpoint.calls()).toBe(1)
  })
})

it('what has escapes, but not the token, stays as it is', () => {
  const claims = {
    rate: '100 %',
    path: 'C:\\temp',
    link: 'https://as.example/?a=%20b',
    raw: '{"a":"\\u0041"}',
    signs: '\\\\%',
  }
  expect(withoutToken({ active: true, claims }, TOKEN, 'digest')).toEqual({ active: true, claims })
  expect(withoutToken({ active: false }, TOKEN, 'digest')).toEqual({ active: false })
})

it('four layers of escapes are decoded, and no more: each costs a pass over the text', () => {
  const escaped = (layers: number): string => (layers === 0 ? TOKEN : encodeURIComponent(escaped(layers - 1)))
  const noteOf = (note: string) => {
    const response = withoutToken({ active: true, claims: { note } }, TOKEN, 'digest')
    return response.active ? response.claims.note : undefined
  }
  expect(noteOf(escaped(4))).toMatch(/^sha256:/)
  expect(noteOf(escaped(5))).toBe(escaped(5))
})

it('no member is lost: what restricts a token still does', async () => {
  const server = bench.server()
  const cases: readonly [Record<string, unknown>, number][] = [
    [{ cnf: { jkt: TOKEN } }, 401],
    [{ cnf: TOKEN }, 401],
    [{ aud: TOKEN }, 401],
    [{ iss: TOKEN }, 401],
    [{ scope: TOKEN }, 403],
  ]
  for (const [members, status] of cases) {
    bench.opaque(members, TOKEN)
    expect([members, (await send(server, TOKEN, scope('read:orders'))).status]).toEqual([members, status])
    await server.forget(TOKEN)
  }
})

it('a subject made of the token stays unique', async () => {
  const server = bench.server()
  const subjects = new Set<unknown>()
  for (const token of [TOKEN, `${TOKEN.slice(0, -2)}x`]) {
    bench.opaque({ sub: `user:${token}` }, token)
    subjects.add((await server.verify(token)).subject)
  }
  expect(subjects.size).toBe(2)
  expect([...subjects].join()).not.toContain(TOKEN.slice(0, -2))
})

it('a short token does not damage ordinary claims', async () => {
  const server = bench.server()
  bench.opaque({ sub: 'user-a', token_type: 'Bearer', name: 'a', scope: 'read:orders' }, 'a')
  const { claims, subject } = await server.verify('a')
  expect(subject).toBe('user-a')
  expect(claims).toMatchObject({ token_type: 'Bearer', scope: 'read:orders' })
  expect(claims.name).not.toBe('a')
})

it.each([
  [16, false],
  [15, true],
])('a token of %i characters remains inside of a longer string: %s', async (length, remains) => {
  const token = 'a-b.c_d~1/2+3456'.slice(0, length)
  const server = bench.server()
  bench.opaque({ note: `for ${token}` }, token)
  expect(`${(await server.verify(token)).claims.note}`.includes(token)).toBe(remains)
})

it('the response about a JWT is cached without it as well', async () => {
  const store = new Map<string, string>()
  const server = bench.server({}, {}, { stores: { introspection: store } })
  const token = await bench.issuer.sign()
  bench.endpoint.responses.set(token, activeResponse({ link: `https://as.example/?t=${token}` }))
  expect((await send(server, token, introspected({ maxAge: 5 }))).status).toBe(200)
  await until(() => store.size === 1, 'the record')
  expect(JSON.stringify([...store])).not.toContain(token.split('.')[1])
})

it('only the token is replaced where it is not escaped; otherwise the whole text is', async () => {
  const server = bench.server()
  const [plain, escaped] = [TOKEN, encodeURIComponent(TOKEN)].map((form) => `https://as.example/t?token=${form}&x=1`)
  bench.opaque({ plain, escaped }, TOKEN)
  expect((await server.verify(TOKEN)).claims).toMatchObject({
    plain: expect.stringMatching(/^https:\/\/as\.example\/t\?token=sha256:[\w-]{43}&x=1$/),
    escaped: expect.stringMatching(/^sha256:[\w-]{43}$/),
  })
})
