import { assertSameBuild, fingerprint } from './lib/bearward.mjs'
import { startChild } from './lib/child.mjs'
import { readCommandLine } from './lib/command-line.mjs'
import { AUDIENCE, createIssuer, SUBJECT, tamper } from './lib/issuer.mjs'
import { publish } from './lib/markdown.mjs'
import { progress } from './lib/progress.mjs'
import { rotated } from './lib/statistics.mjs'
import { checkServer } from './requests/check.mjs'
import { createClient } from './requests/load.mjs'
import { requestsPage } from './requests/page.mjs'
import { requestKinds, variants } from './requests/variants.mjs'

const ALGORITHM = 'RS256'
const SEEN_TOKENS = 100
const FRAMEWORKS = [...new Set(variants.map(({ framework }) => framework))]

const options = readCommandLine({
  name: 'requests',
  text: 'Measures the CPU time that a server spends per request, with and without a guard on the route.',
  numbers: {
    rounds: { text: 'rounds over all servers', value: 20, quick: 1 },
    requests: { text: 'requests per round, server and kind of request', value: 600, quick: 100 },
    connections: { text: 'connections, with one request at a time on each', value: 16, quick: 16 },
  },
})

/** @typedef {import('./requests/variants.mjs').Kind} Kind */

const build = fingerprint()
const issuer = await createIssuer(ALGORITHM, { listen: true })
const servers = await Promise.all(variants.map(start))
for (const { variant, client } of servers) await checkServer(variant, client, issuer)
assertSameBuild(build)
progress(`${servers.length} servers accept the good token and refuse the bad ones`)

/** @type {import('./requests/page.mjs').Measured} */
const measured = new Map()
const seen = await issuer.sign(SEEN_TOKENS)
const warmUp = Math.min(3, options.rounds)
for (let round = 1 - warmUp; round <= options.rounds; round++) {
  const fresh = await issuer.sign(options.requests)
  /** @type {Record<Kind, readonly (string | undefined)[]>} */
  const batches = {
    seen: Array.from({ length: options.requests }, (_, at) => seen[at % seen.length]),
    new: fresh,
    none: fresh.map(() => undefined),
    bad: fresh.map(tamper),
  }
  for (const kind of /** @type {Kind[]} */ (Object.keys(batches))) await measureAll(kind, round, batches[kind])
  progress(round < 1 ? 'warming up' : `round ${round} of ${options.rounds}`)
}
for (const { child, client } of servers) {
  await client.close()
  child.stop()
}
issuer.close()
publish('requests', requestsPage(measured, { ...options, build }), options.print)

/** @param {import('./requests/variants.mjs').Variant} variant */
async function start(variant) {
  const { framework, guard } = variant
  const child = startChild(new URL('./requests/server.mjs', import.meta.url), `${framework}, ${guard}`)
  const settings = {
    issuer: issuer.url,
    audience: AUDIENCE,
    algorithm: ALGORITHM,
    jwksUrl: `${issuer.url}/.well-known/jwks.json`,
    subject: SUBJECT,
  }
  const port = await child.ask('start', { framework, guard, settings })
  return { variant, child, client: createClient(port, options.connections) }
}

/**
 * The bare route and what is compared with it are measured right after one another: the load of a machine changes.
 *
 * @param {Kind} kind
 * @param {number} round below 1 for those that warm up
 * @param {readonly (string | undefined)[]} batch
 */
async function measureAll(kind, round, batch) {
  for (const framework of FRAMEWORKS) {
    const group = servers.filter(({ variant }) => variant.framework === framework)
    for (const server of rotated(group, round + warmUp)) {
      const time = await measure(server, kind, batch)
      if (round < 1) continue
      const key = `${kind} ${framework} ${server.variant.guard}`
      measured.set(key, [...(measured.get(key) ?? []), time])
    }
  }
}

/**
 * @param {Awaited<ReturnType<typeof start>>} server
 * @param {Kind} kind
 * @param {readonly (string | undefined)[]} batch
 * @returns {Promise<number>} CPU time per request in microseconds
 */
async function measure({ variant, child, client }, kind, batch) {
  await client.sendAll(seen, 200) // connections are open and caches filled when the clock starts
  const before = await child.ask('cpuTime')
  await client.sendAll(batch, variant.kind === 'bare' ? 200 : requestKinds[kind].status)
  return ((await child.ask('cpuTime')) - before) / batch.length
}
