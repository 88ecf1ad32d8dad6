import type { RawRequest } from '../http/raw-client.ts'
import type { App } from './app.ts'

const DENO = 'Deno' in globalThis
const BUN = 'Bun' in globalThis

/**
 * The APIs that get to see a request as it was sent. On Node and Bun these are all of them. Deno's HTTP server closes
 * the connection of an absolute target where somebody listens for client errors, as Fastify does; and its `Headers`
 * forget an empty line beside another one, so that nobody behind them could tell.
 */
export function appsThatSee(apps: readonly App[], request: RawRequest | string): readonly App[] {
  if (!DENO || typeof request === 'string') return apps
  const { target = '/', lines = [] } = request
  const absolute = !target.startsWith('/')
  const empty = lines.length > 1 && lines.some((line) => /^Authorization:\s*$/i.test(line))
  return apps.filter(({ name }) => !(absolute && name.startsWith('Fastify')) && !(empty && name === 'Hono fetch'))
}

/**
 * Whether an API behind Node's HTTP server gets to know the certificate of a client. On Bun it does over HTTP/2 only; behind
 * `fetch(Request)` it does nowhere.
 */
export const seesCertificates = ({ name }: App): boolean => !BUN && name !== 'Hono fetch'

/** Deno's TLS does not resume sessions: every connection is a new one. */
export const RESUMES = !DENO && !BUN
