import { resourceServer } from 'bearward/hono'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, it } from 'vitest'
import { options } from './nest-kit.ts'

describe('headers that earlier middleware has set', () => {
  it.each([
    ['alone', []],
    ['with cors(), which uses c.res', [cors()]],
  ])('do not replace those of a refusal, %s (RFC 9111 §3.5, RFC 6750 §3)', async (_, before) => {
    const app = new Hono()
    for (const middleware of before) app.use(middleware)
    app.use((context, next) => {
      context.header('Cache-Control', 'public, max-age=60')
      context.header('WWW-Authenticate', 'Basic')
      context.header('X-Request-Id', '1')
      return next()
    })
    app.use(resourceServer(options).protect())
    const { status, headers } = await app.request('/orders')
    expect([status, headers.get('cache-control')]).toEqual([401, 'no-store'])
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(headers.get('access-control-allow-origin')).toBe(before.length > 0 ? '*' : null)
  })
})
