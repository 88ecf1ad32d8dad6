import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, middleHalf, percent, perSecond, table, times } from '../lib/markdown.mjs'
import { refusalGoals, refusalSection } from './parts/refusal-section.mjs'
import { aboveUnavoidable, partsSection } from './parts/section.mjs'
import { basesOf, leastBusy, linesOf, MAX_ABOVE } from './summary.mjs'
import { requestKinds } from './variants.mjs'

/**
 * @typedef {import('../lib/rounds.mjs').Figures} Figures
 * @typedef {import('./variants.mjs').Kind} Kind
 * @typedef {{
 *   rounds: number,
 *   further: number,
 *   pairs: number,
 *   lead: number,
 *   requests: number,
 *   fresh: number,
 *   processes: number,
 *   passes: number,
 *   connections: number,
 *   build: string,
 * }} Options
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
  'µs bare',
  'µs guarded',
  'added',
  'middle half of added',
  'to hand-written',
  'to best peer',
  'requests/s',
  'to bare',
]

/**
 * @param {Figures} figures
 * @param {Options} options
 * @returns {string[]}
 */
export function requestsPage(figures, options) {
  const { rounds, further, pairs, lead, requests, fresh, connections, build } = options
  return [
    '# Cost per request',
    'Made by `npm run requests` in bench/; do not edit.',
    `${machine}. ${describeVersions(PACKAGES, build)}.`,
    `![Added time per request, by framework and guard](requests.svg)`,
    `Every guard checks signature (RS256), algorithm, issuer, audience, expiry and a scope, with keys from a key set endpoint on loopback, configured as its documentation says. It is mounted on one of two routes of a process; the other responds the same without a guard. Over ${connections} keep-alive connections, both are requested in turn without pauses, ${requests} requests per batch, ${fresh} if each needs a different token: ${pairs} pairs of each kind in each of ${rounds + further} processes for bearward and the hand-written check and ${rounds} for each peer, after ${lead} warm-up pairs.`,
    '- *µs bare* and *µs guarded* are the CPU time of the process, all threads included, divided by the number of requests, without and with the guard: medians. *Added* is the median of the differences within each pair; *middle half of added* is the range from the first to the third quartile.\n- *To hand-written* and *to best peer* are ratios of the added times. The hand-written check is a digest, a lookup, and for a new token one `crypto.verify` and a few comparisons: less than any library can do. The best peer is the one that adds the least.\n- *Requests/s* is the number of responses per second with the guard; *to bare* its ratio to the number without it, the median of the ratios within each pair.',
    `Tokens seen before are 100 tokens in turn. Each bad token is a different one, with a wrong signature. The bare route responds with 200 to every request, a guarded route with 401 to no token and to a bad token. One server thread responds to one client process: during requests without a guard, each server was busy for at least ${percent(leastBusy(figures))} of the time; the client or other work on the machine took the rest.`,
    ...requestKinds.flatMap(({ name, title }) => [`## ${title}`, section(figures, name)]),
    ...partsSection(figures, options),
    ...refusalSection(figures, options),
    '## Goals',
    goalTable([...requestKinds.flatMap(({ name, title }) => goalsOf(figures, name, title)), ...refusalGoals(figures)]),
  ]
}

/**
 * @param {Figures} figures
 * @param {Kind} kind
 */
function section(figures, kind) {
  const rows = linesOf(figures, kind).map(
    ({ framework, guard, kind: variant, bare, time, added, rate, rateToBare }) => {
      const { hand, best } = basesOf(figures, kind, framework)
      return [
        framework,
        variant === 'bearward' ? `**${guard}**` : guard,
        micros(bare.median),
        micros(time.median),
        micros(added.median),
        middleHalf(added),
        share(added.median, hand),
        share(added.median, best),
        perSecond(rate.median),
        times(rateToBare),
      ]
    },
  )
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
    const { best, hand } = basesOf(figures, kind, framework)
    const limit = TENFOLD.includes(kind) ? best / 10 : best
    const goal = TENFOLD.includes(kind) ? 'a tenth of the time the best peer adds' : 'less than the best peer adds'
    const ahead = { goal, measured: `${micros(added)} of ${micros(best)} µs`, reached: added <= limit }
    if (!TENFOLD.includes(kind)) return [{ what, ...ahead }]
    // The parts are routes of one process, and so the better comparison; they are measured for JWTs only.
    const above = kind === 'seen' ? aboveUnavoidable(figures, framework).median : added - hand
    const than = kind === 'seen' ? 'what no guard can omit' : 'the hand-written check'
    const most = `at most ${MAX_ABOVE} µs above ${than}`
    return [
      { what, goal: most, measured: `${micros(above)} µs`, reached: above <= MAX_ABOVE },
      { what: '', ...ahead },
    ]
  })
}
