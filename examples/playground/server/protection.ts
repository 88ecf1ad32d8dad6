import type { MiddlewareHandler } from 'hono'
import { isRequestFor } from './host.ts'

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
 * Accepts only requests of our own page. Otherwise other sites could press its buttons (cross-origin requests), or pose
 * as it (a host name of theirs that resolves to loopback).
 */
export const onlyOurPage =
  (here: URL): MiddlewareHandler =>
  async (c, next) => {
    const host = c.req.header('host')
    if (!isRequestFor(here, host)) return c.text('This server responds only to its own host name.', 421)
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    // Browsers send Origin with every request that may change state.
    if (!reads && c.req.header('origin') !== here.origin) return c.text('Not from this page.', 403)
    // Cookies and the clients' redirect URI belong to one host name.
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
