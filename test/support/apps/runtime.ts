import type { RawRequest } from '../http/raw-client.ts'
import type { App } from './app.ts'

const DENO = 'Deno' in globalThis
const BUN = 'Bun' in globalThis

/**
 * The APIs that receive a request as it was sent. On Node and Bun these are all of them, but the router of h3 1 does not
 * find a path in an absolute target. Deno's HTTP server closes the connection on such a target if there is a listener for
 * client errors, as in Fastify. Its `Headers` drop an empty line beside another one, and join cookies with a comma.
 */
export function appsThatSee(apps: readonly App[], request: RawRequest | string): readonly App[] {
  if (typeof request === 'string') return apps
  const { target = '/', lines = [] } = request
  const absolute = !target.startsWith('/')
  const empty = lines.length > 1 && lines.some((line) => /^Authorization:\s*$/i.test(line))
  const cookies = lines.filter((line) => /^Cookie:/i.test(line)).length > 1
  return apps.filter(({ name }) => {
    if (absolute && (name === 'h3 1' || (DENO && name.startsWith('Fastify')))) return false
    return !(DENO && (empty || cookies) && isBehindFetch({ name }))
  })
}

/** Nothing but a `Request` reaches these: neither the lines of its headers nor its connection. */
export const isBehindFetch = ({ name }: Pick<App, 'name'>): boolean =>
  ['Hono fetch', 'fetch', 'h3 2 fetch', 'Elysia'].includes(name)

/**
 * Whether an API can read the certificate of a client. On Bun this works over HTTP/2 only; with `fetch(Request)` it never
 * does.
 */
export const seesCertificates = ({ name }: App): boolean => !BUN && !isBehindFetch({ name })

/** Deno and Bun do not resume TLS sessions. */
export const RESUMES = !DENO && !BUN

/** For an upgrade behind another request on its connection, Bun emits no `upgrade` event: it is an ordinary request. */
export const SEES_LATE_UPGRADES = !BUN

/** Deno's WebCrypto imports keys whose point is not on their curve; signatures then do not verify. */
export const CHECKS_POINTS = !DENO

/** The errors of Deno's `fetch` have no code. */
export const NAMES_NETWORK_PROBLEMS = !DENO
