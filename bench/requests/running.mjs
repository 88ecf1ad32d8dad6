import { faults } from '../lib/bad-tokens.mjs'
import { startChild } from '../lib/child.mjs'
import { AUDIENCE, SCOPE, SUBJECT } from '../lib/issuer.mjs'

/**
 * A server in a separate process.
 *
 * @typedef {object} Server
 * @property {number} port
 * @property {() => Promise<number>} cpuTime of the process so far, in microseconds
 * @property {() => Promise<void>} stop
 *
 * @typedef {Awaited<ReturnType<import('../lib/issuer-server.mjs').serveIssuer>>} IssuerServer
 */

/**
 * A guarded route and an open one.
 *
 * @param {Pick<import('./variants.mjs').Variant, 'framework' | 'guard'>} variant
 * @param {IssuerServer} issuerServer
 * @returns {Promise<Server>}
 */
export const startServer = ({ framework, guard }, issuerServer) =>
  start(`${framework}, ${guard}`, 'start', { framework, guard }, issuerServer)

/**
 * A route for each part of a guard.
 *
 * @param {import('./variants.mjs').Variant['framework']} framework
 * @param {IssuerServer} issuerServer
 * @returns {Promise<Server>}
 */
export const startParts = (framework, issuerServer) =>
  start(`${framework}, parts`, 'startParts', { framework }, issuerServer)

/**
 * @param {string} label
 * @param {'start' | 'startParts'} command
 * @param {object} input
 * @param {IssuerServer} issuerServer
 * @returns {Promise<Server>}
 */
async function start(label, command, input, { issuer, jwksUrl, introspectionUrl }) {
  const child = startChild(new URL('./server.mjs', import.meta.url), label)
  const { url, algorithm } = issuer
  const names = { audience: AUDIENCE, scope: SCOPE, subject: SUBJECT }
  const badToken = faults.signature(issuer)
  const settings = { issuer: url, algorithm, jwksUrl, introspectionUrl, badToken, ...names }
  const port = await child.call(command, { ...input, settings })
  return { port, cpuTime: () => child.call('cpuTime'), stop: child.stop }
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
 * @param {number} the expected status
 * @param {string} path
 * @returns {Promise<Cost>}
 */
export async function measureRequests({ cpuTime }, client, tokens, status, path) {
  const before = await cpuTime()
  const elapsed = await client.sendAll(tokens, status, path)
  const used = (await cpuTime()) - before
  return { time: used / tokens.length, rate: (tokens.length / elapsed) * 1000, busy: used / 1000 / elapsed }
}
