import { checkServer } from './check.mjs'
import { createClient } from './load.mjs'
import { GUARDED, OPEN } from './routes.mjs'
import { measureRequests, startServer } from './running.mjs'
import { requestKinds, takes } from './variants.mjs'

/**
 * One server from start to stop. It never rests: V8 uses a rest to throw away compiled code and what it knows of
 * objects, and the next measurement would include warming up again. The open route and the guarded one take
 * turns, with the same tokens, so that both meet the same state of the process and of the machine.
 *
 * @param {import('./variants.mjs').Variant} variant
 * @param {import('./running.mjs').IssuerServer} issuerServer
 * @param {{ supplies: import('./tokens.mjs').Supplies, lead: number, connections: number }} traffic lead: pairs of each
 *   kind that do not count, since a process goes on learning for thousands of requests
 * @param {import('../lib/rounds.mjs').Note} note
 */
export async function sit(variant, issuerServer, { supplies, lead, connections }, note) {
  const server = await startServer(variant, issuerServer)
  const client = createClient(server.port, connections)
  const kinds = requestKinds.filter(({ name }) => takes(variant, name))
  try {
    await checkServer(variant, client, issuerServer.issuer)
    for (const { name, status } of kinds) {
      await client.sendAll(supplies[name].warmUp, 200, OPEN)
      await client.sendAll(supplies[name].warmUp, status, GUARDED)
    }
    for (const { name, status } of kinds) {
      for (const [at, tokens] of supplies[name].batches.entries()) {
        for (const path of at % 2 === 0 ? [OPEN, GUARDED] : [GUARDED, OPEN]) {
          const cost = await measureRequests(server, client, tokens, path === OPEN ? 200 : status, path)
          if (at < lead) continue
          const key = `${name} ${variant.framework} ${variant.guard} ${path}`
          for (const [what, value] of Object.entries(cost)) note(`${key} ${what}`, value)
        }
      }
    }
  } finally {
    client.close()
    await server.stop()
  }
}
