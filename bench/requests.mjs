import { faults } from './lib/bad-tokens.mjs'
import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { opaqueToken } from './lib/issuer.mjs'
import { serveIssuer } from './lib/issuer-server.mjs'
import { progress } from './lib/progress.mjs'
import { publish, publishPicture } from './lib/publish.mjs'
import { inRounds, rotated } from './lib/rounds.mjs'
import { checkServer } from './requests/check.mjs'
import { createClient } from './requests/load.mjs'
import { requestsPage } from './requests/page.mjs'
import { requestsPicture } from './requests/picture.mjs'
import { measureRequests, startServer } from './requests/running.mjs'
import { requestKinds, takes, variants } from './requests/variants.mjs'

const ALGORITHM = 'RS256'
const SEEN_TOKENS = 100
const FRAMEWORKS = [...new Set(variants.map(({ framework }) => framework))]

const options = readCommandLine({
  name: 'requests',
  text: 'Measures the CPU time that a server spends per request, with and without a guard on the route.',
  numbers: {
    rounds: { text: 'rounds over all servers', value: 20, quick: 1 },
    requests: { text: 'requests per round and server with new tokens, and with bad ones', value: 600, quick: 100 },
    repeats: { text: 'requests per round and server of each other kind', value: 2000, quick: 200 },
    ready: { text: 'requests to a server before each batch, which do not count', value: 1000, quick: 100 },
    'warm-up': { text: 'requests of each kind and server before anything counts', value: 3000, quick: 200 },
    connections: { text: 'connections, with one request at a time on each', value: 16, quick: 16 },
  },
})

const build = fingerprint()
const issuerServer = await serveIssuer(ALGORITHM)
const { issuer } = issuerServer
const servers = await Promise.all(variants.map(start))
for (const { variant, client } of servers) await checkServer(variant, client, issuer)
assertSameBuild(build)
progress(`${servers.length} servers accept the good token and refuse the bad ones`)

const seen = issuer.tokens(SEEN_TOKENS)
const opaque = listOf(SEEN_TOKENS, opaqueToken)

/** @typedef {Record<import('./requests/variants.mjs').Kind, readonly (string | undefined)[]>} Batches */

/**
 * @param {number} fresh how many with tokens that nobody has seen
 * @param {number} repeats how many of the others
 * @returns {Batches}
 */
const batchesOf = (fresh, repeats) => ({
  seen: listOf(repeats, (at) => seen[at % SEEN_TOKENS]),
  new: issuer.tokens(fresh),
  opaque: listOf(repeats, (at) => opaque[at % SEEN_TOKENS]),
  none: listOf(repeats, () => undefined),
  bad: listOf(fresh, () => faults.signature(issuer)),
})

const first = batchesOf(options['warm-up'], options['warm-up'])
for (const { variant, client } of servers) {
  for (const { name, status } of requestKinds) {
    if (takes(variant, name)) await client.sendAll(first[name], variant.kind === 'bare' ? 200 : status)
  }
  progress(`${variant.framework}, ${variant.guard}: warm`)
}

const figures = await inRounds(options.rounds, async (round, note) => {
  const batches = batchesOf(options.requests, options.repeats)
  for (const { name, status } of requestKinds) {
    // The bare route and what is compared with it come right after one another: the load of a machine changes.
    for (const framework of FRAMEWORKS) {
      const group = servers.filter(({ variant }) => variant.framework === framework && takes(variant, name))
      for (const { variant, client, server } of rotated(group, round)) {
        // A process that has rested for seconds is slow at first: with open connections and filled caches, it counts.
        const known = name === 'opaque' ? opaque : seen
        await client.sendAll(
          listOf(options.ready, (at) => known[at % SEEN_TOKENS]),
          200,
        )
        const cost = await measureRequests(server, client, batches[name], status)
        for (const [what, value] of Object.entries(cost)) note(`${name} ${framework} ${variant.guard} ${what}`, value)
      }
    }
  }
})
for (const { server, client } of servers) {
  client.close()
  server.stop()
}
issuerServer.close()
publish('requests', requestsPage(figures, { ...options, build }), options.print)
publishPicture('requests', requestsPicture(figures), options.print)

/** @param {import('./requests/variants.mjs').Variant} variant */
async function start(variant) {
  const server = await startServer(variant, issuerServer)
  return { variant, server, client: createClient(server.port, options.connections) }
}

/**
 * @template T
 * @param {number} length
 * @param {(at: number) => T} make
 */
function listOf(length, make) {
  return Array.from({ length }, (_, at) => make(at))
}
