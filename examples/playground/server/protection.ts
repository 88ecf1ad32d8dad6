import type { MiddlewareHandler } from 'hono'
import { asksFor } from './host.ts'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/**
 * Nobody but our own page gets at what is behind this. Other pages could otherwise press its buttons (their requests
 * come from another origin), or be taken for it (a name of theirs that leads to loopback).
 */
export const onlyOurPage =
  (here: URL): MiddlewareHandler =>
  async (c, next) => {
    const host = c.req.header('host')
    if (!asksFor(here, host)) return c.text('This server answers under its own name only.', 421)
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    // A browser names the origin of each request that may change something.
    if (!reads && c.req.header('origin') !== here.origin) return c.text('Not from this page.', 403)
    // One name is enough: cookies, and the redirect URI of the clients, belong to it.
    if (reads && host !== here.host) return c.redirect(`${here.origin}/`, 307)
    await next()
    c.header('Content-Security-Policy', POLICY)
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Referrer-Policy', 'no-referrer')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
    c.header('Cache-Control', 'no-store')
    return undefined
  }
