import { createResourceServer, type JwtClaims, type ResourceServerOptions, type StandardSchema } from 'bearward'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()

const serverWith = <Claims = JwtClaims>(
  claims?: StandardSchema<Claims>,
  options: Partial<ResourceServerOptions> = {},
) =>
  createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => NOW,
    ...(claims && { claims }),
    ...options,
  } as ResourceServerOptions<string, Claims>)

/** Everything reachable from a value through own members. */
function reachable(value: unknown, found = new Set<object>()): ReadonlySet<object> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value)) return found
  found.add(value)
  for (const name of Reflect.ownKeys(value)) reachable((value as Record<PropertyKey, unknown>)[name], found)
  return found
}

describe('J8: claims are deeply frozen', () => {
  const claims = {
    nested: { list: [{ deep: { deeper: ['x'] } }], empty: {}, none: null },
    realm_access: { roles: ['user'] },
    constructor: { prototype: { polluted: true } },
    scope: ['read:orders', 'x'],
    amr: ['pwd'],
  }

  it('and so is the rest of a token', async () => {
    const token = await serverWith().verify(kit.token({ claims: kit.claims(claims) }))
    const open = [...reachable(token)].filter((value) => !Object.isFrozen(value))
    expect(open).toEqual([])
  })

  it('five hundred levels deep as well', async () => {
    const token = await serverWith().verify(
      kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":${'[{"a":'.repeat(250)}{}${'}]'.repeat(250)}}`),
    )
    let [value, depth] = [token.claims.x, 0]
    while (typeof value === 'object' && value !== null) {
      expect(Object.isFrozen(value)).toBe(true)
      value = Array.isArray(value) ? value[0] : (value as { a?: unknown }).a
      depth++
    }
    expect(depth).toBe(501)
  })

  it('so that a handler cannot change what the next request sees', async () => {
    const server = serverWith()
    const raw = kit.token({ claims: kit.claims(claims) })
    const first = await server.verify(raw)
    const before = JSON.stringify(first)
    const attempts: readonly (() => unknown)[] = [
      () => Object.assign(first, { subject: 'admin' }),
      () => Object.assign(first.claims, { sub: 'admin' }),
      () => (first.claims.realm_access as { roles: string[] }).roles.push('admin'),
      () => (first.scopes as string[]).push('admin'),
      () => (first.audience as string[]).push('x'),
      () => (first.authentication.amr as string[]).push('mfa'),
      () => Object.defineProperty(first, 'hasScope', { value: () => true }),
      () => Object.setPrototypeOf(first, {}),
      () => Object.setPrototypeOf(first.claims, { admin: true }),
      () => Reflect.deleteProperty(first.claims, 'scope') || raise(),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TypeError)
    const second = await server.verify(raw)
    expect(JSON.stringify(second)).toBe(before)
    expect(second.hasScope('admin')).toBe(false)
  })

  it('the methods shared by all tokens cannot be replaced', async () => {
    const server = serverWith()
    const raw = kit.token()
    const shared: unknown = Object.getPrototypeOf(await server.verify(raw))
    expect(() => Object.assign(shared as object, { hasScope: () => true })).toThrow(TypeError)
    expect((await server.verify(raw)).hasScope('admin')).toBe(false)
  })

  it('options and arrays that are passed in are not frozen', () => {
    const aud = ['urn:a']
    const issuer = { issuer: ISSUER, audience: aud, keys: keySetOf(kit.signers.ES256) }
    serverWith(undefined, { issuer })
    expect([Object.isFrozen(aud), Object.isFrozen(issuer), Object.isFrozen(issuer.keys)]).toEqual([false, false, false])
  })
})

const raise = (): never => {
  throw new TypeError('not deleted')
}

describe('J8: claims are safe to copy', () => {
  const hostile = kit.tokenWithJson(
    (json) =>
      `${json.slice(0, -1)},"__proto__":{"admin":true},"a":{"__proto__":{"b":1},"c":[{"__proto__":[]}]},"toString":"x"}`,
  )

  it('a __proto__ claim does not become a prototype', async () => {
    const { claims } = await serverWith().verify(hostile)
    const copy: Record<string, unknown> = Object.assign({}, claims)
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(copy.admin).toBeUndefined()
    expect(Object.getPrototypeOf(Object.assign({}, claims.a))).toBe(Object.prototype)
    expect(Object.getPrototypeOf({ ...claims })).toBe(Object.prototype)
  })

  it('no level of the claims has a __proto__ member', async () => {
    const { claims } = await serverWith().verify(hostile)
    for (const value of reachable(claims)) expect(Object.hasOwn(value, '__proto__')).toBe(false)
    expect(JSON.stringify(claims)).not.toContain('__proto__')
  })

  it('nothing leaks into other prototypes', async () => {
    await serverWith().verify(hostile)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('J8: the output of a schema is protected as well', () => {
  const raw = kit.token({ claims: kit.claims({ profile: { roles: ['user'] }, since: '2026-01-01T00:00:00Z' }) })

  /** What the next request sees after a handler has tried to change its token. */
  async function afterChange<Claims>(
    schema: StandardSchema<Claims>,
    change: (claims: Claims) => void,
  ): Promise<string> {
    const server = serverWith(schema)
    const first = await server.verify(raw)
    try {
      change(first.claims as Claims)
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TypeError)
    }
    const next = (await server.verify(raw)).claims
    return JSON.stringify(next, (_, value: unknown) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    )
  }

  const profile = z.object({ roles: z.array(z.string()) })

  it('plain objects', async () => {
    const schema = z.object({ profile })
    const seen = await afterChange(schema, (claims) => void claims.profile.roles.push('admin'))
    expect(seen).toBe('{"profile":{"roles":["user"]}}')
  })

  it('objects that the schema froze only at the top', async () => {
    const schema = z.object({ profile }).readonly()
    const seen = await afterChange(schema, (claims) => void claims.profile.roles.push('admin'))
    expect(seen).toBe('{"profile":{"roles":["user"]}}')
  })

  it('dates', async () => {
    const schema = z.object({ since: z.iso.datetime().transform((text) => new Date(text)) })
    const seen = await afterChange(schema, (claims) => void claims.since.setTime(0))
    expect(seen).toBe('{"since":"2026-01-01T00:00:00.000Z"}')
  })

  it('sets', async () => {
    const schema = z.object({ profile: profile.transform(({ roles }) => new Set(roles)) })
    const seen = await afterChange(schema, (claims) => void claims.profile.add('admin'))
    expect(seen).toBe('{"profile":["user"]}')
  })

  it('maps', async () => {
    const schema = z.object({ profile: profile.transform(({ roles }) => new Map([['roles', roles]])) })
    const seen = await afterChange(schema, (claims) => void claims.profile.set('roles', ['admin']))
    expect(seen).toBe('{"profile":[["roles",["user"]]]}')
  })

  it('class instances', async () => {
    class Profile {
      roles: string[]
      constructor(roles: string[]) {
        this.roles = roles
      }
    }
    const schema = z.object({ profile: profile.transform(({ roles }) => new Profile([...roles])) })
    const seen = await afterChange(schema, (claims) => void claims.profile.roles.push('admin'))
    expect(seen).toBe('{"profile":{"roles":["user"]}}')
  })

  it.each<[string, number, () => unknown]>([
    ['an object', 1, () => ({ roles: ['user'], level: 1 })],
    ['an object without a prototype', 1, () => Object.assign(Object.create(null), { roles: ['user'] })],
    ['a text', 1, () => 'acme'],
    ['null', 1, () => null],
    ['a function, which may hold anything,', 2, () => ({ roles: () => ['user'] })],
    ['a date', 2, () => ({ since: new Date(0) })],
    ['an object that contains itself', 1, cycle],
  ])('%s is validated %i times for two requests: only what is frozen is shared', async (_, times, output) => {
    let validated = 0
    const validate = () => {
      validated++
      return { value: output() }
    }
    const server = serverWith({ '~standard': { version: 1, vendor: 'test', validate } })
    await server.verify(raw)
    await server.verify(raw)
    expect(validated).toBe(times)
  })
})

function cycle(): unknown {
  const parent: Record<string, unknown> = {}
  parent.child = { parent }
  return parent
}
