import { allOf, anyOf, anyScope, claim, createResourceServer, type GuardLike, scope } from 'bearward'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDecider } from './decide.ts'

// G3.

const base = { resource: 'https://api.example.com', issuer: 'https://auth.example.com' }

const SCOPES = {
  admin: ['orders:admin', 'users:read'],
  'orders:admin': ['orders:write'],
  'orders:write': ['orders:read'],
  'orders:read': [],
  'users:read': [],
} as const

const { decide, stacked, server, tokenWith } = createDecider({ scopes: SCOPES })
const PERMITTED = 'permitted'
const lacks = (scopes: string) => `403 error="insufficient_scope" scope="${scopes}"`

describe('a scope that implies others', () => {
  it.each<[string, GuardLike, boolean]>([
    ['orders:read', scope('orders:read'), true],
    ['orders:write', scope('orders:read', 'orders:write'), true],
    ['orders:write', scope('orders:admin'), false],
    ['admin', scope('orders:read', 'orders:write', 'orders:admin', 'users:read', 'admin'), true],
    ['orders:read', scope('orders:write'), false],
    ['users:read', scope('orders:read'), false],
    ['orders:admin', scope('orders:read', 'users:read'), false],
    ['orders:admin users:read', scope('orders:read', 'users:read'), true],
    ['orders:admin', anyScope('users:read', 'orders:read'), true],
    ['orders:write', anyOf(scope('users:read'), allOf(scope('orders:read'), scope('orders:write'))), true],
    ['ADMIN', scope('orders:read'), false],
    ['admin:', scope('orders:read'), false],
    ['foreign', scope('orders:read'), false],
    ['foreign orders:admin', scope('orders:read'), true],
    ['', scope('orders:read'), false],
  ])('a token with "%s"', async (granted, guard, permits) => {
    expect((await decide([guard], { scope: granted })) === PERMITTED).toBe(permits)
  })

  it('applies in handlers as well, and the scopes stay as they were issued', async () => {
    const token = await server.verify(tokenWith({ scope: 'orders:admin foreign' }))
    expect(token.scopes).toEqual(['orders:admin', 'foreign'])
    const all = [...Object.keys(SCOPES), 'foreign', '__proto__', 'toString', '']
    expect(all.filter((name) => token.hasScope(name))).toEqual([
      'orders:admin',
      'orders:write',
      'orders:read',
      'foreign',
    ])
  })

  it('is published with all others (RFC 9728 §2)', () => {
    expect(server.metadata.document.scopes_supported).toEqual(Object.keys(SCOPES))
    const leaves = createResourceServer({ ...base, scopes: { 'orders:admin': ['orders:read'] } as never })
    expect(leaves.metadata.document.scopes_supported).toEqual(['orders:admin', 'orders:read'])
  })

  it('counts as declared if it is only implied, and others do not', () => {
    const leaves = createResourceServer({ ...base, scopes: { 'orders:admin': ['orders:read'] } as never })
    expect(() => leaves.guards(scope('orders:read') as never)).not.toThrow()
    expect(() => leaves.guards(scope('orders:raed') as never)).toThrow('does not declare "orders:raed"')
    expect(() => server.guards(scope('orders:raed') as never)).toThrow('does not declare "orders:raed"')
  })

  it('does not change when the program changes its options later', async () => {
    const implied = ['read']
    const scopes: Record<string, string[]> = { admin: implied, read: [], other: [] }
    const own = createDecider({ scopes })
    implied.push('other')
    scopes.read = ['other']
    expect(await own.decide([scope('read')], { scope: 'admin' })).toBe(PERMITTED)
    expect(await own.decide([scope('other')], { scope: 'admin' })).toBe(lacks('other'))
  })

  it('may have the name of a member of every object', async () => {
    const scopes = JSON.parse('{"__proto__": ["constructor"], "constructor": []}') as Record<string, string[]>
    const own = createDecider({ scopes })
    expect(await own.decide([scope('constructor')], { scope: '__proto__' })).toBe(PERMITTED)
    expect(await own.decide([scope('__proto__')], { scope: 'constructor' })).toBe(lacks('__proto__'))
  })
})

describe('the challenge names the least that is enough', () => {
  it.each<[string, readonly GuardLike[], string]>([
    ['the scope of the route, not one that implies it', [scope('orders:read')], 'orders:read'],
    ['every scope of the route (RFC 6750 §3.1)', [scope('orders:admin', 'users:read')], 'orders:admin users:read'],
    ['one that another one implies, too', [scope('orders:admin'), scope('orders:read')], 'orders:admin orders:read'],
    ['of several, the one that grants least', [anyScope('orders:admin', 'orders:read')], 'orders:read'],
    ['in any order', [anyScope('orders:read', 'orders:admin')], 'orders:read'],
    ['counting everything that it implies', [anyScope('admin', 'orders:write', 'orders:admin')], 'orders:write'],
    ['the first of those that grant equally much', [anyScope('users:read', 'orders:read')], 'users:read'],
    ['in anyOf', [anyOf(scope('admin'), claim('a', 1), scope('orders:write'))], 'orders:write'],
    [
      'two small ones before a large one',
      [anyOf(scope('admin'), scope('orders:read', 'users:read'))],
      'orders:read users:read',
    ],
    [
      'one before the same one with another',
      [anyOf(scope('orders:read', 'users:read'), scope('users:read'))],
      'users:read',
    ],
  ])('%s', async (_, guards, scopes) => {
    expect(await decide(guards, { scope: 'foreign' })).toBe(lacks(scopes))
  })

  it.each<[string, GuardLike]>([
    ['orders:read', anyScope('admin', 'orders:read')],
    ['users:read orders:read', anyOf(allOf(scope('users:read'), anyScope('admin', 'orders:read')))],
  ])('without a token as well: %s', async (scopes, guard) => {
    const request = { native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined }
    await expect(server.authenticate(request, [guard])).rejects.toMatchObject({
      headers: { 'WWW-Authenticate': expect.stringContaining(`scope="${scopes}"`) },
    })
  })

  it('for stacked guards together', async () => {
    const guards = [[anyScope('admin', 'orders:read')], [scope('users:read')]]
    expect(await stacked(guards, { scope: 'orders:read' })).toBe(lacks('orders:read users:read'))
  })
})

/** Graphs without cycles: each scope implies some of those after it. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.array(fc.array(fc.integer({ min: 1, max: size }), { maxLength: 4 }), { minLength: size, maxLength: size }).map(
    (rows) =>
      Object.fromEntries(
        rows.map((steps, from) => [
          `s${from}`,
          steps
            .map((step) => from + step)
            .filter((to) => to < size)
            .map((to) => `s${to}`),
        ]),
      ) as Record<string, string[]>,
  ),
)

/** What a scope grants, in a naive implementation. */
const closure = (graph: Record<string, string[]>, name: string): string[] => [
  ...new Set([name, ...(graph[name] ?? []).flatMap((implied) => closure(graph, implied))]),
]

describe('any graph', () => {
  it('grants what can be reached, and challenges name the least', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.infiniteStream(fc.nat()), async (graph, picks) => {
        const names = [...Object.keys(graph), 'foreign']
        const pick = () => names[(picks.next().value as number) % names.length] as string
        const own = createDecider({ scopes: graph })
        const granted = [pick(), pick()]
        const token = await own.server.verify(own.tokenWith({ scope: granted.join(' ') }))
        const reached = new Set(granted.flatMap((name) => closure(graph, name)))
        expect(names.filter((name) => token.hasScope(name))).toEqual(names.filter((name) => reached.has(name)))

        const required = [pick(), pick(), pick()].filter((name) => name !== 'foreign')
        const [first] = required
        if (first === undefined) return
        const outcome = await own.decide([anyScope(first, ...required.slice(1))], { scope: granted.join(' ') })
        const least = required.reduce((a, b) => (closure(graph, b).length < closure(graph, a).length ? b : a))
        expect(outcome).toBe(required.some((name) => reached.has(name)) ? PERMITTED : lacks(least))
      }),
      { numRuns: 200 },
    )
  })

  it('with one edge back is refused, and the reported cycle exists', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), fc.nat(), (graph, from, to) => {
        const names = Object.keys(graph)
        const start = names[from % names.length] as string
        const ends = closure(graph, start)
        const end = ends[to % ends.length] as string
        const circular = { ...graph, [end]: [...(graph[end] ?? []), start] }
        const circle = /has a cycle: (.*)$/.exec(problemWith(circular))?.[1]?.split(' implies ') ?? []
        expect(circle.length).toBeGreaterThan(1)
        expect(circle[0]).toBe(circle.at(-1))
        for (const [at, name] of circle.slice(1).entries()) expect(circular[circle[at] as string]).toContain(name)
      }),
      { numRuns: 200 },
    )
  })

  const problemWith = (scopes: Record<string, string[]>): string => {
    try {
      createResourceServer({ ...base, scopes })
    } catch (thrown) {
      return String(thrown)
    }
    return ''
  }

  it('may be as deep as it is large', async () => {
    const size = 10_000
    const chain = Object.fromEntries(
      Array.from({ length: size }, (_, at) => [`s${at}`, at + 1 < size ? [`s${at + 1}`] : []]),
    )
    const own = createDecider({ scopes: chain })
    const last = `s${size - 1}`
    expect(await own.decide([scope(last)], { scope: 's0' })).toBe(PERMITTED)
    expect(await own.decide([scope('s0')], { scope: last })).toBe(lacks('s0'))
    expect(await own.decide([anyScope('s0', 's5')], { scope: last })).toBe(lacks('s5'))
    expect(problemWith({ ...chain, [last]: ['s0'] })).toContain('has a cycle: ')
  })

  it('may be as wide as it is large', async () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `s${at}`)
    const own = createDecider({ scopes: { all: names, ...Object.fromEntries(names.map((name) => [name, []])) } })
    expect(await own.decide([scope('s0', 's9999')], { scope: 'all' })).toBe(PERMITTED)
    expect(await own.decide([anyScope('all', 's1')], { scope: 's0' })).toBe(lacks('s1'))
  })
})
