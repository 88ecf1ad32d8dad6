import { rotated } from '../../lib/rounds.mjs'
import { createClient } from '../load.mjs'
import { measureRequests, startParts } from '../running.mjs'
import { pathOf, routes } from './steps.mjs'

/**
 * One server with a route for each step, from start to stop and without rest. Each pass measures every route once, in
 * an order that changes.
 *
 * @param {import('../variants.mjs').Variant['framework']} framework
 * @param {import('../running.mjs').IssuerServer} issuerServer
 * @param {{ warmUp: readonly string[], batch: readonly string[], passes: number, connections: number }} traffic
 * @param {import('../../lib/rounds.mjs').Note} note
 */
export async function sitForParts(framework, issuerServer, { warmUp, batch, passes, connections }, note) {
  const server = await startParts(framework, issuerServer)
  const client = createClient(server.port, connections)
  try {
    for (const route of routes) await client.sendAll(warmUp, 200, pathOf(route))
    for (let pass = 0; pass < passes; pass++) {
      const order = rotated(routes, pass)
      // Backwards every other time, so that a route does not always come after the same one.
      for (const route of pass % 2 === 0 ? order : order.toReversed()) {
        const { time } = await measureRequests(server, client, batch, 200, pathOf(route))
        note(`parts ${framework} ${route}`, time)
      }
    }
  } finally {
    client.close()
    await server.stop()
  }
}
