import {
  authentication,
  authorizationDetails,
  createResourceServer,
  type GuardLike,
  introspected,
  scope,
} from 'bearward'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// Introspection of a JWT can only narrow the token, never extend it, not even through the scope graph.

const kit = createKit()
const SCOPES: Record<string, string[]> = { admin: ['write', 'users'], write: ['read'], read: [], users: [] }

async function tokenAfter(claims: Record<string, unknown>, members: Record<string, unknown>, guards: GuardLike[] = []) {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      keys: keySetOf(kit.signers.ES256),
      introspect: () => ({ active: true, ...members }),
    },
    scopes: SCOPES,
    clock: () => NOW,
  })
  const authorization = [`Bearer ${kit.token({ claims: kit.claims(claims) })}`]
  const request = { native: {}, method: 'GET', target: '/', authorization, contentType: undefined }
  const token = await server.authenticate(request, [introspected({ maxAge: 0 }), ...guards])
  return { token, has: Object.keys(SCOPES).filter((name) => token.hasScope(name)) }
}

describe('introspection of a JWT with a scope graph', () => {
  it.each<[string, string | undefined, string[], string[]]>([
    ['admin write read', undefined, ['admin', 'write', 'read'], ['admin', 'write', 'read', 'users']],
    ['admin', 'admin', ['admin'], ['admin', 'write', 'read', 'users']],
    ['admin read', 'read', ['read'], ['read']],
    ['admin', 'read', [], ['read']],
    ['admin', 'write', [], ['write', 'read']],
    ['read', 'admin', ['read'], ['read']],
    ['write', 'users', [], []],
    ['admin', '', [], []],
    ['read', 'write users', ['read'], ['read']],
  ])('a token with "%s", introspection with "%s"', async (granted, named, scopes, has) => {
    const outcome = await tokenAfter({ scope: granted }, named === undefined ? {} : { scope: named })
    expect([outcome.token.scopes, outcome.has]).toEqual([scopes, has])
  })

  it('grants what both grant, for any scopes', async () => {
    const closure = (names: readonly string[]): string[] =>
      names.flatMap((name) => [name, ...closure(SCOPES[name] ?? [])])
    const sets = fc.uniqueArray(fc.constantFrom(...Object.keys(SCOPES)))
    await fc.assert(
      fc.asyncProperty(sets, sets, async (granted, named) => {
        const { has, token } = await tokenAfter({ scope: granted.join(' ') }, { scope: named.join(' ') })
        const both = Object.keys(SCOPES).filter(
          (name) => closure(granted).includes(name) && closure(named).includes(name),
        )
        expect(has).toEqual(both)
        expect(token.scopes).toEqual(granted.filter((name) => closure(named).includes(name)))
      }),
      { numRuns: 100 },
    )
  })

  it('decides on the route', async () => {
    const attempt = tokenAfter({ scope: 'admin read' }, { scope: 'read' }, [scope('write')])
    await expect(attempt).rejects.toMatchObject({ reason: 'scope', scopes: ['write'] })
  })
})

describe('introspection of the sign-in of a JWT', () => {
  it.each<[object, object, object]>([
    [{ auth_time: NOW - 10, acr: 'gold', amr: ['pwd'] }, {}, { time: NOW - 10, acr: 'gold', amr: ['pwd'] }],
    [{ auth_time: NOW - 10 }, { auth_time: NOW - 500 }, { time: NOW - 500 }],
    [{ auth_time: NOW - 500 }, { auth_time: NOW - 10 }, { time: NOW - 500 }],
    [{ acr: 'gold' }, { acr: 'silver' }, {}],
    [{ acr: 'gold' }, { acr: 'gold' }, { acr: 'gold' }],
    [{}, { acr: 'gold', auth_time: NOW }, {}],
  ])('%o and %o', async (claims, members, expected) => {
    expect((await tokenAfter({ ...claims }, { ...members })).token.authentication).toEqual(expected)
  })

  it('decides on the route (RFC 9470 §3)', async () => {
    const attempt = tokenAfter({ auth_time: NOW }, { auth_time: NOW - 61 }, [authentication({ maxAge: 60 })])
    await expect(attempt).rejects.toMatchObject({ reason: 'authentication' })
  })
})

describe('introspection of the authorization details of a JWT', () => {
  const pay = { type: 'pay', amount: 1, to: { iban: 'DE', name: 'A' } }
  const deep = JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) as unknown
  const turned = { to: { name: 'A', iban: 'DE' }, amount: 1, type: 'pay' }

  it.each<[string, unknown, unknown, unknown[]]>([
    ['without the member', [pay], undefined, [pay]],
    ['that repeats them, in another order', [pay], [{ type: 'read' }, turned], [pay]],
    ['that writes a list differently', [{ type: 'pay', to: ['a', 'b'] }], [{ type: 'pay', to: ['a,b'] }], []],
    ['that has a string instead of a list', [{ type: 'pay', to: ['a'] }], [{ type: 'pay', to: '["a"]' }], []],
    ['that names others', [pay], [{ ...pay, amount: 2 }], []],
    ['that names none', [pay], [], []],
    ['that is broken', [pay], 'pay', []],
    ['that names more', [], [pay], []],
    ['of a deeply nested one', [{ type: 'pay', deep }, pay], [pay], [pay]],
    ['that omits one', [pay, { ...pay, amount: 2 }], [turned], [pay]],
  ])('%s', async (_, own, named, left) => {
    const members = named === undefined ? {} : { authorization_details: named }
    expect((await tokenAfter({ authorization_details: own }, members)).token.authorizationDetails).toEqual(left)
  })

  it('decides on the route (RFC 9396 §9)', async () => {
    const attempt = tokenAfter({ authorization_details: [pay] }, { authorization_details: [] }, [
      authorizationDetails('pay'),
    ])
    await expect(attempt).rejects.toMatchObject({ reason: 'guard' })
  })
})
