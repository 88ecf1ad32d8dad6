import { resourceServer } from 'bearward/koa'
import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { type App, serve } from '../support/apps/app.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const good = kit.token()
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
}

let running: App | undefined
afterEach(() => running?.close())

async function start(...use: readonly Koa.Middleware[]): Promise<number> {
  const app = new Koa()
  app.silent = true
  for (const one of use) app.use(one)
  running = await serve('Koa', app.callback(), { server: resourceServer(options).server as never, reached: [] })
  return running.port
}

describe('ctx.state.accessToken (F3)', () => {
  it('is the token behind a guard, and nothing behind optionalAuth() for an anonymous request', async () => {
    const { optionalAuth, accessToken } = resourceServer(options)
    const port = await start(
      (context, next) => {
        context.state.accessToken = 'set by something else'
        return next()
      },
      optionalAuth(),
      (context) => {
        const token = context.state.accessToken as { subject: string } | undefined
        context.body = { subject: token ? accessToken(context).subject : null }
      },
    )
    expect((await exchange(port, { lines: bearer(good) })).body).toBe('{"subject":"user-1"}')
    expect((await exchange(port, {})).body).toBe('{"subject":null}')
  })

  it('is removed when a later guard refuses the request, or throws', async () => {
    const { protect, requireScope, maybeAccessToken } = resourceServer(options)
    const failing = protect(() => Promise.reject(new Error('own failure')))
    for (const second of [requireScope('admin'), failing]) {
      const seen: unknown[] = []
      const port = await start(
        async (context: Context, next) => {
          await next().catch(() => undefined)
          seen.push(context.state.accessToken, maybeAccessToken(context))
        },
        protect(),
        second,
      )
      await exchange(port, { lines: bearer(good) })
      expect(seen).toEqual([undefined, undefined])
      await running?.close()
    }
  })
})

describe('a response', () => {
  it("is Koa's own with errors: 'forward', with status and challenge (RFC 6750 §3)", async () => {
    const port = await start(resourceServer({ ...options, errors: 'forward' }).protect())
    const response = await exchange(port, {})
    expect([response.status, response.header('WWW-Authenticate')]).toEqual([401, expect.stringMatching(/^Bearer /)])
  })

  it("with errors: 'forward' keeps the headers that middleware adds to the error, as @koa/cors does", async () => {
    const port = await start(async (_context, next) => {
      try {
        await next()
      } catch (error) {
        const thrown = error as { headers?: Record<string, string> }
        thrown.headers = { ...thrown.headers, 'Access-Control-Allow-Origin': 'https://app.example.com' }
        throw error
      }
    }, resourceServer({ ...options, errors: 'forward' }).protect())
    const response = await exchange(port, {})
    expect([response.status, response.header('WWW-Authenticate')]).toEqual([401, expect.stringMatching(/^Bearer /)])
    expect(response.header('Access-Control-Allow-Origin')).toBe('https://app.example.com')
  })

  it('that has begun is not touched, and nothing behind the guard runs', async () => {
    let reached = false
    const port = await start(
      (context, next) => {
        context.respond = false
        context.res.writeHead(200).end('timeout')
        return next()
      },
      resourceServer(options).protect(),
      () => {
        reached = true
      },
    )
    expect(await exchange(port, {})).toMatchObject({ status: 200, body: 'timeout' })
    expect(reached).toBe(false)
  })

  it('is sent where Koa sends none: ctx.respond = false', async () => {
    const { protect, metadata } = resourceServer(options)
    const raw: Koa.Middleware = (context, next) => {
      context.respond = false
      return next()
    }
    const plain = await exchange(await start(protect()), {})
    await running?.close()
    const port = await start(raw, metadata(), protect())
    const document = await exchange(port, { target: '/.well-known/oauth-protected-resource' })
    expect([document.status, document.header('Content-Type')]).toEqual([200, 'application/json'])
    const refused = await exchange(port, {})
    expect([refused.status, refused.body]).toEqual([plain.status, plain.body])
    expect(refused.header('WWW-Authenticate')).toMatch(/^Bearer /)
  })

  it('of a handler that throws behind the guard is a 500', async () => {
    const port = await start(resourceServer(options).protect(), () => {
      throw new Error('own failure')
    })
    expect((await exchange(port, { lines: bearer(good) })).status).toBe(500)
  })

  it('with a token in a form is found in ctx.request.body, never in ctx.body (RFC 6750 §2.2)', async () => {
    const { protect } = resourceServer({ ...options, formTokens: 'accept' })
    const form = { method: 'POST', lines: ['Content-Type: application/x-www-form-urlencoded'], body: 'a=b' }
    const handler = (context: Context) => {
      context.body = 'reached'
    }
    const asResponse = await start(
      (context, next) => {
        context.body = { access_token: good }
        return next()
      },
      protect(),
      handler,
    )
    expect((await exchange(asResponse, form)).status).toBe(401)
    await running?.close()
    const asRequest = await start(
      (context, next) => {
        Object.assign(context.request, { body: { access_token: good } })
        return next()
      },
      protect(),
      handler,
    )
    expect((await exchange(asRequest, form)).body).toBe('reached')
  })
})
