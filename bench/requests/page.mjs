import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, percent, perSecond, range, table, times } from '../lib/markdown.mjs'
import { basesOf, leastBusy, linesOf } from './summary.mjs'
import { requestKinds } from './variants.mjs'

/**
 * @typedef {import('../lib/rounds.mjs').Figures} Figures
 * @typedef {import('./variants.mjs').Kind} Kind
 * @typedef {import('./summary.mjs').Line} Line
 */

const machine = describeMachine() // before anything runs
const PACKAGES = [
  'express',
  'express-oauth2-jwt-bearer',
  'express-jwt',
  'passport',
  'passport-jwt',
  'jwks-rsa',
  'fastify',
  '@fastify/jwt',
  'get-jwks',
  'hono',
  '@hono/node-server',
  'oauth4webapi',
]

const HEAD = [
  'framework',
  'guard',
  'µs per request',
  'least … most',
  'added',
  'least … most',
  'to hand-written',
  'to best peer',
  'requests/s',
  'least … most',
  'to bare',
]

/**
 * @param {Figures} figures
 * @param {{ rounds: number, requests: number, repeats: number, connections: number, build: string }} options
 * @returns {string[]}
 */
export function requestsPage(figures, { rounds, requests, repeats, connections, build }) {
  return [
    '# Cost per request',
    'Made by `npm run requests` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `![Added time per request, by framework and guard](requests.svg)`,
    `Every guard checks signature (RS256), algorithm, issuer, audience, expiry and a scope, with keys from a key set endpoint on loopback, set up as its documentation says. Each server runs in a process of its own and is asked over ${connections} connections that stay open. ${rounds} rounds, each over all servers; per round and server ${requests} requests of each kind that needs new tokens, ${repeats} of the others; median, least and most of the rounds.`,
    '- *µs per request* is the CPU time of the process, all threads included, divided by the number of requests. *Added* is the time above the bare route of the same framework in the same round.\n- *To hand-written* and *to best peer* are ratios of the added times. The hand-written check is a digest, a look-up, and for a new token one `crypto.verify` and a few comparisons: less than any library can do. The best peer is the one that adds least.\n- *Requests/s* is what came back in a second; *to bare* its ratio to the bare route, the median of those within each round.',
    `100 tokens come again and again as tokens seen before. Each bad token is another one, with a wrong signature. The bare route answers 200 to everything, a guarded one 401 to no token and to a bad one. One thread of one server answers and one process asks: the bare servers were busy for at least ${percent(leastBusy(figures))} of the time; what is missing to 100 % is the client's, or other work of the machine.`,
    ...requestKinds.flatMap(({ name, title }) => [`## ${title}`, section(figures, name)]),
    '## Goals',
    goalTable(requestKinds.flatMap(({ name, title }) => goalsOf(figures, name, title))),
  ]
}

/**
 * @param {Figures} figures
 * @param {Kind} kind
 */
function section(figures, kind) {
  const rows = linesOf(figures, kind).map(({ framework, guard, kind: variant, time, added, rate, rateToBare }) => {
    const { hand, best } = basesOf(figures, kind, framework)
    const isBare = variant === 'bare'
    return [
      framework,
      isBare ? 'bare route' : variant === 'bearward' ? `**${guard}**` : guard,
      micros(time.median),
      range(time),
      isBare ? '' : micros(added.median),
      isBare ? '' : range(added),
      isBare ? '' : share(added.median, hand),
      isBare ? '' : share(added.median, best),
      perSecond(rate.median),
      range(rate, perSecond),
      times(rateToBare),
    ]
  })
  return table(HEAD, rows, 2)
}

/**
 * A ratio of added times, where they are large enough to divide.
 *
 * @param {number} added
 * @param {number} base
 */
function share(added, base) {
  if (base < 1) return '–'
  return added <= 0 ? '≤ 0' : times(added / base)
}

const TENFOLD = ['seen', 'opaque']

/**
 * @param {Figures} figures
 * @param {Kind} kind
 * @param {string} title
 * @returns {import('../lib/goals.mjs').Goal[]}
 */
function goalsOf(figures, kind, title) {
  const own = linesOf(figures, kind).filter((line) => line.kind === 'bearward')
  return own.flatMap(({ framework, added: { median: added } }) => {
    const what = `${framework}, ${title.toLowerCase()}`
    const { best } = basesOf(figures, kind, framework)
    const most = TENFOLD.includes(kind) ? best / 10 : best
    const goal = TENFOLD.includes(kind) ? 'a tenth of what the best peer adds' : 'less than the best peer adds'
    const ahead = { goal, measured: `${micros(added)} of ${micros(best)} µs`, reached: added <= most }
    if (!TENFOLD.includes(kind)) return [{ what, ...ahead }]
    return [
      { what, goal: 'at most 5 µs added', measured: `${micros(added)} µs`, reached: added <= 5 },
      { what: '', ...ahead },
    ]
  })
}
