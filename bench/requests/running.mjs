import { startChild } from '../lib/child.mjs'
import { AUDIENCE, SCOPE, SUBJECT } from '../lib/issuer.mjs'

/**
 * A server in a process of its own.
 *
 * @typedef {object} Server
 * @property {import('./variants.mjs').Variant} variant
 * @property {number} port
 * @property {() => Promise<number>} cpuTime of the process so far, in microseconds
 * @property {() => void} stop
 */

/**
 * @param {import('./variants.mjs').Variant} variant
 * @param {Awaited<ReturnType<import('../lib/issuer-server.mjs').serveIssuer>>} issuerServer
 * @returns {Promise<Server>}
 */
export async function startServer(variant, { issuer, jwksUrl, introspectionUrl }) {
  const { framework, guard } = variant
  const child = startChild(new URL('./server.mjs', import.meta.url), `${framework}, ${guard}`)
  const { url, algorithm } = issuer
  const names = { audience: AUDIENCE, scope: SCOPE, subject: SUBJECT }
  const settings = { issuer: url, algorithm, jwksUrl, introspectionUrl, ...names }
  const port = await child.ask('start', { framework, guard, settings })
  return { variant, port, cpuTime: () => child.ask('cpuTime'), stop: child.stop }
}

/**
 * What one batch of requests costs a server.
 *
 * @typedef {object} Cost
 * @property {number} time microseconds of CPU time per request
 * @property {number} rate requests per second
 * @property {number} busy how much of the time the process had work to do
 */

/**
 * @param {Server} server
 * @param {import('./load.mjs').Client} client of it
 * @param {readonly (string | undefined)[]} tokens
 * @param {number} status that a guarded route answers
 * @returns {Promise<Cost>}
 */
export async function measureRequests({ variant, cpuTime }, client, tokens, status) {
  const before = await cpuTime()
  const elapsed = await client.sendAll(tokens, variant.kind === 'bare' ? 200 : status)
  const used = (await cpuTime()) - before
  return { time: used / tokens.length, rate: (tokens.length / elapsed) * 1000, busy: used / 1000 / elapsed }
}
