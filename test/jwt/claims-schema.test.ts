import { createResourceServer, InvalidToken, type StandardSchema } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ORDERS } from '../contract/orders-api.ts'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()

const optionsWith = <Claims>(claims: StandardSchema<Claims>) => ({
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
  claims,
})

const schema = z.object({ sub: z.string(), tenant: z.string().min(2), level: z.coerce.number().default(1) })

const asynchronous = schema.refine(async ({ tenant }) => {
  await Promise.resolve()
  return tenant !== 'closed'
})

const good = kit.token({ claims: kit.claims({ tenant: 'acme', level: '7', other: 'x' }) })

describe.each([
  ['a synchronous schema', schema],
  ['a schema that takes its time', asynchronous],
] as const)('J10: %s', (_, claims) => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await startAll(optionsWith(claims) as Parameters<typeof startAll>[0], ORDERS)
  })
  afterAll(() => closeAll(apps))

  it('the token has the claims it returns', async () => {
    const reached = await expectReached(apps, { lines: bearer(good) })
    expect(reached).toMatchObject({ claims: { sub: 'user-1', tenant: 'acme', level: 7 }, subject: 'user-1' })
    expect(reached.claims).not.toHaveProperty('other')
    expect(reached.claims).not.toHaveProperty('iss')
  })

  it.each([
    ['a claim is missing', {}],
    ['a claim has another type', { tenant: 1 }],
    ['a claim is too short', { tenant: 'a' }],
    ['a claim cannot be turned into a number', { tenant: 'acme', level: 'x' }],
  ])('refuses with 401 where %s (RFC 6750 §3.1)', async (_name, over) => {
    const request = { lines: bearer(kit.token({ claims: kit.claims(over) })) }
    await expectRefusal(apps, request, { error: 'invalid_token', reason: 'claims', scope: 'read:orders' })
  })

  it('does not affect other checks: scope and audience are read from the original claims', async () => {
    const request = { lines: bearer(kit.token({ claims: kit.claims({ tenant: 'acme', scope: 'other' }) })) }
    await expectRefusal(apps, request, { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' })
  })
})

const SCHEMA_RESULT =
  'bearward: the claims schema must return { value } or { issues: [...] }, as Standard Schema requires'

describe('J10: in the core', () => {
  it.each<[string, unknown]>([
    ['false', false],
    ['0', 0],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ok'],
    ['another protocol', { success: false }],
    ['another protocol that succeeded', { success: true, data: {} }],
    ['no value', {}],
    ['issues that are no list', { value: {}, issues: 'wrong' }],
    ['issues that are null', { value: {}, issues: null }],
  ])('a schema that returns %s is an error of the application, never an allow (G8)', async (_name, result) => {
    for (const validate of [() => result, async () => result]) {
      const claims = { '~standard': { version: 1, vendor: 'own', validate } } as never
      const failed = createResourceServer(optionsWith(claims)).verify(good)
      await expect(failed).rejects.toThrow(new TypeError(SCHEMA_RESULT))
    }
  })

  it('such a schema leads to 500 on every framework (G8)', async () => {
    const claims = { '~standard': { version: 1, vendor: 'own', validate: () => false } } as never
    const apps = await startAll(optionsWith(claims), ORDERS)
    for (const app of apps) expect((await exchange(app.port, { lines: bearer(good) })).status).toBe(500)
    expect(apps.flatMap(({ reached }) => reached)).toEqual([])
    await closeAll(apps)
  })

  it('an asynchronous rule rejects as well', async () => {
    const server = createResourceServer(optionsWith(asynchronous))
    const closed = server.verify(kit.token({ claims: kit.claims({ tenant: 'closed' }) }))
    await expect(closed).rejects.toMatchObject({ reason: 'claims', status: 401 })
  })

  it('the issues are the cause, for logs', async () => {
    const server = createResourceServer(optionsWith(schema))
    const refused = await Promise.resolve()
      .then(() => server.verify(kit.token({ claims: kit.claims({ tenant: 1 }) })))
      .catch((thrown: unknown) => thrown)
    expect(refused).toBeInstanceOf(InvalidToken)
    expect(refused).toMatchObject({ cause: [{ path: ['tenant'] }] })
  })

  it('runs only for tokens that are otherwise valid', async () => {
    const validated: unknown[] = []
    const watching: StandardSchema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          validated.push(value)
          return { value }
        },
      },
    }
    const server = createResourceServer(optionsWith(watching))
    const bad = [
      kit.token({ claims: kit.claims({ exp: 1 }) }),
      kit.token({ claims: kit.claims({ aud: 'x' }) }),
      kit.token({ claims: kit.claims({ cnf: {} }) }),
      kit.token({ signer: kit.attacker, header: kit.header() }),
    ]
    for (const token of bad) await expect(Promise.resolve().then(() => server.verify(token))).rejects.toThrow()
    expect(validated).toEqual([])
  })

  it('gets claims it cannot change', async () => {
    const changing: StandardSchema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          expect(Object.isFrozen(value)).toBe(true)
          return { value }
        },
      },
    }
    await createResourceServer(optionsWith(changing)).verify(good)
  })

  it('that throws does not accept the claims, and its error is the cause', async () => {
    const cause = new Error('broken')
    const broken: StandardSchema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate() {
          throw cause
        },
      },
    }
    const server = createResourceServer(optionsWith(broken))
    await expect(Promise.resolve().then(() => server.verify(good))).rejects.toMatchObject({ reason: 'claims', cause })
  })
})

describe('J8: a schema that returns what a handler can change', () => {
  it.each(['a JWT', 'an opaque token'])('no handler changes what the next request sees: %s', async (format) => {
    let validations = 0
    const claims = z.object({ sub: z.string() }).transform(({ sub }) => {
      validations++
      return new Map([['sub', sub]])
    })
    const { issuer, ...options } = optionsWith(claims)
    const introspect = () => ({ active: true, sub: 'alice', aud: RESOURCE })
    const server = createResourceServer({ ...options, issuer: { ...issuer, introspect } })
    const token = format === 'a JWT' ? kit.token({ claims: kit.claims({ sub: 'alice' }) }) : 'opaque'
    for (let request = 1; request <= 4; request++) {
      const { claims: seen } = await server.verify(token)
      expect([seen.get('sub'), validations]).toEqual(['alice', request])
      seen.set('sub', 'admin')
    }
  })
})
