import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, middleHalf, table } from '../lib/markdown.mjs'
import { linesOf } from '../requests/summary.mjs'
import { requestKinds } from '../requests/variants.mjs'

const machine = describeMachine() // before anything runs

const FRAMEWORKS = [
  'Express',
  'Fastify',
  'Hono',
  'Koa',
  'Nest on Express',
  'Nest on Fastify',
  'h3',
  'Elysia',
  'fetch',
  'Node',
]
const [HAND, OURS] = /** @type {const} */ ([
  { guard: 'hand-written check', kind: 'hand' },
  { guard: 'bearward', kind: 'bearward' },
])

/** @type {readonly import('../requests/variants.mjs').Variant[]} */
export const variants = FRAMEWORKS.flatMap((framework) => [HAND, OURS].map((guard) => ({ framework, ...guard })))

const HEAD = ['framework', 'µs bare', 'by hand adds', 'middle half', 'bearward adds', 'middle half', 'difference']

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {{ rounds: number, pairs: number, build: string }} options
 * @returns {string[]}
 */
export function adaptersPage(figures, { rounds, pairs, build }) {
  return [
    '# Cost of each adapter',
    'Made by `npm run adapters` in bench/; do not edit.',
    `${machine}. ${describeVersions(['express', 'fastify', 'hono', '@hono/node-server'], build)}; the other frameworks in the versions of package.json.`,
    `CPU time that a guard adds to a request, in microseconds, next to a check written by hand in the same place, which omits most checks. Each runs in a process of its own, beside a route without a guard. Elysia and fetch handlers run behind @hono/node-server. The method is that of [requests.md](requests.md): ${pairs} pairs of batches of each kind in each of ${rounds} ${rounds === 1 ? 'process' : 'processes'}. *Difference* is that of the medians.`,
    ...requestKinds.flatMap(({ name, title }) => [`## ${title}`, section(linesOf(figures, name, variants))]),
  ]
}

/** @param {readonly import('../requests/summary.mjs').Line[]} lines */
const section = (lines) =>
  table(
    HEAD,
    FRAMEWORKS.map((framework) => {
      const [hand, own] = lines.filter((line) => line.framework === framework)
      return [
        framework,
        micros(own.bare.median),
        micros(hand.added.median),
        middleHalf(hand.added),
        micros(own.added.median),
        middleHalf(own.added),
        micros(own.added.median - hand.added.median),
      ]
    }),
  )
