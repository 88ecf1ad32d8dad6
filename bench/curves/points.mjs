import { startChild } from '../lib/child.mjs'
import { serveIssuer } from '../lib/issuer-server.mjs'
import { progress } from '../lib/progress.mjs'
import { WARM_UP } from '../lib/rounds.mjs'
import { createClient } from '../requests/load.mjs'
import { GUARDED, OPEN } from '../requests/routes.mjs'
import { measureRequests, startServer } from '../requests/running.mjs'

/**
 * One value of one curve, ready to be measured.
 *
 * @typedef {object} Point
 * @property {string} key
 * @property {(kind: 'new' | 'seen', round: number) => Promise<{ bearward: number, bare: number }>} measure
 *
 * @typedef {{ rounds: number, new: number, seen: number }} Options
 */

/**
 * @param {readonly import('./curves.mjs').Curve[]} curves
 * @param {Options} options
 * @returns {Promise<{ list: readonly Point[], stop: () => void }>}
 */
export async function startPoints(curves, options) {
  /** @type {Point[]} */
  const list = []
  /** @type {(() => void)[]} */
  const stops = []
  for (const curve of curves) {
    const started = curve.setting ? await inProcesses(curve, options) : await throughServer(curve, options)
    list.push(...started.list)
    stops.push(started.stop)
    progress(`${curve.title}: ready`)
  }
  const stop = () => {
    for (const end of stops) end()
  }
  return { list, stop }
}

/**
 * A process of its own for each value.
 *
 * @param {import('./curves.mjs').Curve} curve
 * @param {Options} options
 */
async function inProcesses({ name, values, setting }, options) {
  const draws = options.seen * (options.rounds + WARM_UP)
  const children = values.map((value) => {
    const key = `${name} ${value}`
    return { key, value, child: startChild(new URL('./worker.mjs', import.meta.url), key) }
  })
  for (const { value, child } of children) {
    await child.ask('setUp', { issuers: 1, scopes: 2, known: 100, draws, ...setting?.(value) })
  }
  /** @type {Point[]} */
  const list = children.map(({ key, child }) => ({
    key,
    measure: (kind, round) => child.ask('measure', { kind, round, calls: options[kind] }),
  }))
  const stop = () => {
    for (const { child } of children) child.stop()
  }
  return { list, stop }
}

/**
 * A server that is asked over more and more connections, with and without a guard on the route.
 *
 * @param {import('./curves.mjs').Curve} curve
 * @param {Options} options
 */
async function throughServer({ name, values }, options) {
  const issuerServer = await serveIssuer('ES256')
  const { issuer } = issuerServer
  const server = await startServer({ framework: 'Fastify', guard: 'bearward' }, issuerServer)
  const seen = issuer.tokens(100)

  const measure = async (/** @type {number} */ connections, /** @type {'new' | 'seen'} */ kind) => {
    // Each connection is opened, and used, before the clock starts, and then once more at least.
    const count = Math.max(options[kind], 2 * connections)
    const tokens = kind === 'new' ? issuer.tokens(count) : repeated(seen, count)
    const client = createClient(server.port, connections)
    await client.sendAll(repeated(seen, Math.max(seen.length, connections)), 200, GUARDED)
    const { time: bearward } = await measureRequests(server, client, tokens, 200, GUARDED)
    const { time: bare } = await measureRequests(server, client, tokens, 200, OPEN)
    client.close()
    return { bearward, bare }
  }
  /** @type {Point[]} */
  const list = values.map((value) => ({ key: `${name} ${value}`, measure: (kind) => measure(value, kind) }))
  const stop = () => {
    server.stop()
    issuerServer.close()
  }
  return { list, stop }
}

/**
 * @param {readonly string[]} tokens
 * @param {number} length
 */
const repeated = (tokens, length) => Array.from({ length }, (_, at) => tokens[at % tokens.length])
