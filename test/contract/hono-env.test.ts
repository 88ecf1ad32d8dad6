import { BearwardError, type ResourceServerOptions } from 'bearward'
import { resourceServer } from 'bearward/hono'
import { type Context, Hono } from 'hono'
import { every, some } from 'hono/combine'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const keys = keySetOf(kit.signers.ES256)
const clock = () => NOW
const token = kit.token()
const bearer = (one = token) => ({ headers: { authorization: `Bearer ${one}` } })

interface Env {
  readonly resource: string
  readonly realm?: string
}

type Options = ResourceServerOptions<string, never, Context>
const optionsOf = ({ env }: { readonly env: Env }): Omit<Options, 'claims'> => ({
  resource: env.resource,
  issuer: { issuer: ISSUER, keys },
  clock,
  ...(env.realm !== undefined && { realm: env.realm }),
})

function start(options: (context: { readonly env: Env }) => Omit<Options, 'claims'> = optionsOf) {
  const bound = resourceServer(options)
  const app = new Hono<{ Bindings: Env }>()
    .use(bound.metadata())
    .get('/orders', bound.protect(), (c) => c.json({ for: c.var.accessToken.subject }))
    .get('/greeting', bound.optionalAuth(), (c) => c.json({ for: bound.maybeAccessToken(c)?.subject ?? null }))
    .get('/mine', bound.requireScope('read:orders'), (c) => c.json({ for: bound.accessToken(c).subject }))
  app.onError((error, c) => c.text(error.message, 500))
  return { app, bound }
}

describe('options from c.env (F8)', () => {
  const env = { resource: RESOURCE }

  it('protect every route as options that are known at startup', async () => {
    const { app } = start()
    for (const path of ['/orders', '/mine', '/greeting']) {
      expect(await (await app.request(path, bearer(), env)).json(), path).toEqual({ for: 'user-1' })
      expect((await app.request(path, bearer('a.b.c'), env)).status, path).toBe(401)
    }
    const refused = await app.request('/orders', {}, env)
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([
      401,
      `Bearer realm="${RESOURCE}", resource_metadata="${RESOURCE}/.well-known/oauth-protected-resource"`,
    ])
    expect((await app.request('/greeting', {}, env)).status).toBe(200)
    expect((await app.request('/.well-known/oauth-protected-resource', {}, env)).status).toBe(200)
  })

  it('get one server for one object, and for equal options of other objects', async () => {
    let calls = 0
    const { bound } = start((context) => {
      calls++
      return optionsOf(context)
    })
    const first = bound.server({ env })
    expect([bound.server({ env }), calls]).toEqual([first, 1])
    for (let count = 0; count < 50; count++) expect(bound.server({ env: { ...env } })).toBe(first)
    expect(calls).toBe(51)
    expect(bound.server({ env: { ...env, realm: 'other' } })).not.toBe(first)
    expect(start().bound.server({ env })).not.toBe(first)
  })

  it('are never those of another environment', async () => {
    const { app } = start()
    const other = { resource: 'https://other.example.com' }
    const sent = [env, other, { ...env }, { ...other }, env].map((one) => app.request('/orders', bearer(), one))
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 401, 200, 401, 200])
  })

  it('are compared by what they say: a number is not a string, and a member not an element', () => {
    const seen = (value: unknown) => ({ resource: value }) as never
    const { bound } = start(({ env: { resource } }) => ({
      ...optionsOf({ env }),
      metadata: { extra: { value: resource } },
    }))
    const values = [1, '1', ['1'], [['0', '1']], { 0: '1' }, true, 'true']
    expect(new Set(values.map((value) => bound.server({ env: seen(value) }))).size).toBe(values.length)
  })

  it('fail each request where they are wrong, and let none through', async () => {
    const { app } = start()
    for (const wrong of [{}, { resource: 'orders' }, undefined]) {
      const response = await app.request('/orders', bearer(), wrong as never)
      expect([response.status, await response.text()]).toEqual([
        500,
        expect.stringMatching(/option resource|needs env/),
      ])
    }
    expect((await app.request('/orders', bearer(), env)).status).toBe(200)
  })

  it('without env say who passes it, and need none if they do not read it', async () => {
    const response = await start().app.request('/orders', bearer())
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('app.fetch(request, env)')])
    const { bound } = start()
    const failure = (env: object) => {
      try {
        return bound.server({ env })
      } catch (error) {
        return error
      }
    }
    expect(failure(undefined as never)).toMatchObject({ cause: expect.any(TypeError) })
    expect(start(() => optionsOf({ env })).bound.server({ env: undefined as never }).metadata.document.resource).toBe(
      RESOURCE,
    )
    const own = start(() => {
      throw new RangeError('of the application')
    })
    expect(() => own.bound.server({ env })).toThrow(RangeError)
  })

  it('that create functions again and again are an error that names them', async () => {
    const { app } = start(({ env }) => ({ ...optionsOf({ env }), onEvent: () => undefined, clock: () => NOW }))
    const statuses: number[] = []
    for (let count = 0; count < 12; count++) statuses.push((await app.request('/orders', bearer(), { ...env })).status)
    // The first server, nine more, then the tenth whose options are equal but for these functions.
    expect(statuses).toEqual([...Array(10).fill(200), 500, 500])
    const response = await app.request('/orders', bearer(), { ...env })
    expect(await response.text()).toMatch(
      /creates (clock, onEvent|onEvent, clock) on each call.* outside of the function/,
    )
    // A host whose object stays the same is not affected.
    const stable = start(({ env }) => ({ ...optionsOf({ env }), onEvent: () => undefined }))
    for (let count = 0; count < 12; count++)
      expect((await stable.app.request('/orders', bearer(), env)).status).toBe(200)
  })

  it('have at most 100 servers at a time, the ones in use', () => {
    const { bound } = start()
    const serverOf = (count: number) => bound.server({ env: { resource: `https://api.example.com/${count}` } })
    const [first, second] = [serverOf(0), serverOf(1)]
    for (let count = 2; count < 100; count++) serverOf(count)
    expect([serverOf(0), serverOf(1)]).toEqual([first, second])
    serverOf(100) // replaces the one that was used least recently
    expect(serverOf(0)).toBe(first)
    serverOf(2)
    for (let count = 200; count < 300; count++) serverOf(count)
    expect(serverOf(0)).not.toBe(first)
  })
})

describe("some() and every() of hono/combine, with errors: 'forward' (F8)", () => {
  const { protect, requireScope } = resourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys },
    clock,
    errors: 'forward',
  })
  const apiKey = async (c: Context, next: () => Promise<void>) => {
    if (c.req.header('x-api-key') !== 'secret') throw new Error('no key')
    await next()
  }
  const failing = protect(() => Promise.reject(new Error('own failure')))
  const app = new Hono()
    .get('/either', some(apiKey, protect()), (c) => c.text(String(c.get('accessToken' as never) !== undefined)))
    .get('/both', every(protect(), apiKey), (c) => c.text('both'))
    .get('/nested', some(apiKey, every(protect(), requireScope('admin'))), (c) => c.text('nested'))
    .get('/failing', some(failing, apiKey), (c) => c.text(String(c.get('accessToken' as never) !== undefined)))
  app.onError((error, c) => (error instanceof BearwardError ? error.getResponse() : c.text(error.message, 500)))
  const key = { headers: { 'x-api-key': 'secret' } }
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, init)
    return response.status === 200 ? await response.text() : [response.status, response.headers.get('WWW-Authenticate')]
  }

  it('some(): a token or something else; the challenge is that of the last one', async () => {
    expect(await send('/either', bearer())).toBe('true')
    expect(await send('/either', key)).toBe('false')
    expect(await send('/either', { headers: { ...key.headers, authorization: 'Bearer a.b.c' } })).toBe('false')
    expect(await send('/either')).toEqual([401, expect.stringMatching(/^Bearer /)])
    expect(await send('/either', bearer('a.b.c'))).toEqual([401, expect.stringMatching(/error="invalid_token"/)])
  })

  it('every(): a token and something else', async () => {
    expect(await send('/both', { headers: { ...key.headers, ...bearer().headers } })).toBe('both')
    expect(await send('/both', key)).toEqual([401, expect.stringMatching(/^Bearer /)])
    expect(await send('/both', bearer())).toEqual([500, null])
    expect(await send('/nested', key)).toBe('nested')
    expect(await send('/nested', bearer())).toEqual([403, expect.stringMatching(/insufficient_scope/)])
  })

  it('a guard that fails counts as one that refuses, and its token is not that of the request', async () => {
    expect(await send('/failing', { headers: { ...key.headers, ...bearer().headers } })).toBe('false')
    expect(await send('/failing', bearer())).toEqual([500, null])
  })
})
