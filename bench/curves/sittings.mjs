import { startChild } from '../lib/child.mjs'
import { serveIssuer } from '../lib/issuer-server.mjs'
import { progress } from '../lib/progress.mjs'
import { WARM_UP } from '../lib/rounds.mjs'
import { createClient } from '../requests/load.mjs'
import { GUARDED, OPEN } from '../requests/routes.mjs'
import { measureRequests, startServer } from '../requests/running.mjs'
import { repeated } from '../requests/tokens.mjs'
import { KINDS } from './curves.mjs'

/**
 * One point of a curve, ready to be measured.
 *
 * @typedef {(kind: 'new' | 'seen', round: number) => Promise<{ bearward: number, bare: number }>} Measure
 *
 * @typedef {{ rounds: number, new: number, seen: number }} Options
 *
 * @typedef {import('../lib/rounds.mjs').Note} Note
 */

/**
 * Measures all points of a curve, one after the other, each without rest: what a process has compiled does not outlast
 * a rest of some seconds.
 *
 * @param {import('./curves.mjs').Curve} curve
 * @param {Options} options
 * @param {Note} note
 */
export const measureCurve = (curve, options, note) =>
  curve.setting ? inProcesses(curve, options, note) : throughServer(curve, options, note)

// Where a process has its objects in memory decides what reading them costs, and no number of rounds changes that.
const PROCESSES_WHERE_FLAT = 5

/**
 * A separate process for each value, several where the curve has to be flat.
 *
 * @param {import('./curves.mjs').Curve} curve
 * @param {Options} options
 * @param {Note} note
 */
async function inProcesses({ name, values, setting, flat }, options, note) {
  const processes = flat ? PROCESSES_WHERE_FLAT : 1
  const rounds = Math.ceil(options.rounds / processes)
  const draws = options.seen * (rounds + WARM_UP)
  for (const value of values.flatMap((one) => Array.from({ length: processes }, () => one))) {
    const key = `${name} ${value}`
    const child = startChild(new URL('./worker.mjs', import.meta.url), key)
    await child.call('setUp', { issuers: 1, scopes: 2, verified: 100, draws, ...setting?.(value) })
    const measure = (/** @type {string} */ kind, /** @type {number} */ round) =>
      child.call('measure', { kind, round, calls: options[/** @type {'new' | 'seen'} */ (kind)] })
    await sit(key, measure, { rounds }, note)
    await child.stop()
  }
}

/**
 * One server with an increasing number of connections, with and without a guard on the route.
 *
 * @param {import('./curves.mjs').Curve} curve
 * @param {Options} options
 * @param {Note} note
 */
async function throughServer({ name, values }, options, note) {
  const issuerServer = await serveIssuer('ES256')
  const { issuer } = issuerServer
  const server = await startServer({ framework: 'Fastify', guard: 'bearward' }, issuerServer)
  const seen = issuer.tokens(100)

  for (const connections of values) {
    const client = createClient(server.port, connections)
    /** @type {Measure} */
    const measure = async (kind) => {
      // Each connection has something to do, and then once more at least.
      const count = Math.max(options[kind], 2 * connections)
      const tokens = kind === 'new' ? issuer.tokens(count) : repeated(seen, count)
      const { time: bare } = await measureRequests(server, client, tokens, 200, OPEN)
      const { time: bearward } = await measureRequests(server, client, tokens, 200, GUARDED)
      return { bearward, bare }
    }
    await sit(`${name} ${connections}`, measure, options, note)
    client.close()
  }
  await server.stop()
  issuerServer.close()
}

/**
 * @param {string} key
 * @param {Measure} measure
 * @param {Pick<Options, 'rounds'>} options
 * @param {Note} note
 */
async function sit(key, measure, { rounds }, note) {
  for (let round = 0; round < WARM_UP + rounds; round++) {
    for (const kind of KINDS) {
      const costs = await measure(kind, round)
      if (round < WARM_UP) continue
      for (const [side, cost] of Object.entries(costs)) note(`${key} ${kind} ${side}`, cost)
    }
  }
  progress(`${key}: measured`)
}
