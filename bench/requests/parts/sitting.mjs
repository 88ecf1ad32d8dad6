import { rotated } from '../../lib/rounds.mjs'
import { createClient } from '../load.mjs'
import { measureRequests, startParts } from '../running.mjs'
import { BY_HAND, bareRoute, REFUSED, refusingRoutes, withWrongSignatures } from './refusals.mjs'
import { pathOf, routes } from './steps.mjs'

/**
 * @typedef {object} Traffic
 * @property {readonly string[]} warmUp
 * @property {readonly string[]} batch
 * @property {number} fresh requests per batch if each needs another token
 * @property {number} passes in each process
 * @property {number} connections
 */

/**
 * One server with a route for each step, from start to stop and without rest. Each pass measures every route once, in
 * an order that changes.
 *
 * @param {import('../variants.mjs').Variant['framework']} framework
 * @param {import('../running.mjs').IssuerServer} issuerServer
 * @param {Traffic} traffic
 * @param {import('../../lib/rounds.mjs').Note} note
 */
export async function sitForParts(framework, issuerServer, traffic, note) {
  const { warmUp, batch, passes, connections } = traffic
  const server = await startParts(framework, issuerServer)
  const client = createClient(server.port, connections)
  try {
    for (const route of routes) await client.sendAll(warmUp, 200, pathOf(route))
    for (let pass = 0; pass < passes; pass++) {
      for (const route of ordered(routes, pass)) {
        const { time } = await measureRequests(server, client, batch, 200, pathOf(route))
        note(`parts ${framework} ${route}`, time)
      }
    }
    for (const refused of REFUSED)
      await refuseInPasses(refused, framework, { server, client, issuerServer }, traffic, note)
  } finally {
    client.close()
    await server.stop()
  }
}

/** Backwards every other time, so that a route does not always come after the same one. @type {<T>(list: readonly T[], pass: number) => T[]} */
const ordered = (list, pass) => {
  const order = rotated(list, pass)
  return pass % 2 === 0 ? order : order.toReversed()
}

/**
 * @param {import('./refusals.mjs').Refused} refused
 * @param {import('../variants.mjs').Variant['framework']} framework
 * @param {{
 *   server: import('../running.mjs').Server,
 *   client: import('../load.mjs').Client,
 *   issuerServer: import('../running.mjs').IssuerServer,
 * }} running
 * @param {Traffic} traffic
 * @param {import('../../lib/rounds.mjs').Note} note
 */
async function refuseInPasses(refused, framework, { server, client, issuerServer }, traffic, note) {
  const { warmUp, batch, fresh, passes } = traffic
  const token = issuerServer.issuer.sign()
  const requests = (/** @type {number} */ count) =>
    refused === 'none' ? Array.from({ length: count }, () => undefined) : withWrongSignatures(token, count)
  await expectSameResponses(refused, client, requests(1)[0])
  const compared = refusingRoutes(refused)
  for (const route of compared) await client.sendAll(requests(warmUp.length), 401, pathOf(route))
  for (let pass = 0; pass < passes; pass++) {
    for (const route of ordered(compared, pass)) {
      const sent = requests(refused === 'none' ? batch.length : fresh)
      const { time } = await measureRequests(server, client, sent, 401, pathOf(route))
      note(`refused ${refused} ${framework} ${route}`, time)
    }
  }
}

/**
 * Fails unless all routes respond with the same headers, in whatever order, and the same body.
 *
 * @param {import('./refusals.mjs').Refused} refused
 * @param {import('../load.mjs').Client} client
 * @param {string | undefined} token
 */
async function expectSameResponses(refused, client, token) {
  const seen = async (/** @type {string} */ route) => {
    const { head, body } = await client.send(pathOf(route), token)
    const lines = head
      .toLowerCase()
      .split('\r\n')
      .filter((line) => !line.startsWith('date:'))
    return [...lines.toSorted(), body].join('\n')
  }
  const own = await seen('guard')
  for (const route of [bareRoute(refused), BY_HAND]) {
    const other = await seen(route)
    if (other !== own) throw new Error(`${route} responds with\n${other}\ninstead of\n${own}`)
  }
}
