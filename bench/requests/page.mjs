import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, range, table, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { requestKinds, variants } from './variants.mjs'

/**
 * Microseconds of CPU time per request, one per round, by kind, framework and guard.
 *
 * @typedef {Map<string, number[]>} Measured
 *
 * @typedef {import('./variants.mjs').Kind} Kind
 * @typedef {import('./variants.mjs').Variant} Variant
 */

const machine = describeMachine() // before anything runs
const PACKAGES = [
  'express',
  'express-oauth2-jwt-bearer',
  'express-jwt',
  'jwks-rsa',
  'fastify',
  '@fastify/jwt',
  'get-jwks',
  'hono',
  '@hono/node-server',
]

const HEAD = [
  'framework',
  'guard',
  'µs per request',
  'least … most',
  'added',
  'least … most',
  'to bare',
  'to best peer',
]

/**
 * @param {Measured} measured
 * @param {{ rounds: number, requests: number, connections: number, build: string }} options
 * @returns {string[]}
 */
export function requestsPage(measured, { rounds, requests, connections, build }) {
  const kinds = /** @type {Kind[]} */ (Object.keys(requestKinds))
  return [
    '# CPU time per request',
    'Made by `npm run requests` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `Every guard checks signature (RS256), issuer, audience and expiry, with keys from a key set endpoint on loopback, set up as its documentation says. Each server runs in a process of its own and is asked over ${connections} connections that stay open; a figure is the CPU time of that process, all threads included, divided by the number of requests. ${rounds} rounds, each over all servers; ${requests} requests per round, server and kind. Microseconds: median, least and most of the rounds. *Added* is the time above the bare route of the same framework in the same round. *To bare* is the median of the ratios of the times per request within each round, *to best peer* the ratio of the added times.`,
    '100 tokens come again and again as tokens seen before. Each bad token is another one, with a wrong signature. The bare route answers 200 to everything, a guarded one 401 to no token and to a bad one.',
    ...kinds.flatMap((kind) => [`## ${requestKinds[kind].title}`, section(kind, measured)]),
  ]
}

/**
 * @param {Kind} kind
 * @param {Measured} measured
 */
function section(kind, measured) {
  const valuesOf = (/** @type {Variant} */ { framework, guard }) => measured.get(`${kind} ${framework} ${guard}`) ?? []
  const lines = variants.map((variant) => {
    const values = valuesOf(variant)
    const bare = valuesOf({ ...variant, guard: 'bare' })
    const added = summarize(values.map((value, round) => value - bare[round]))
    return { ...variant, time: summarize(values), added, toBare: pairedRatio(values, bare) }
  })
  const rows = lines.map(({ framework, guard, kind, time, added, toBare }) => {
    if (kind === 'bare') return [framework, 'bare route', micros(time.median), range(time), '', '', times(toBare), '']
    const peers = lines.filter((line) => line.framework === framework && line.kind === 'peer')
    return [
      framework,
      kind === 'bearward' ? `**${guard}**` : guard,
      micros(time.median),
      range(time),
      micros(added.median),
      range(added),
      times(toBare),
      share(added.median, Math.min(...peers.map((peer) => peer.added.median))),
    ]
  })
  return table(HEAD, rows, 2)
}

/**
 * A ratio of added times, where they are large enough to divide.
 *
 * @param {number} added
 * @param {number} best
 */
function share(added, best) {
  if (best < 1) return '–'
  return added <= 0 ? '≤ 0' : times(added / best)
}
