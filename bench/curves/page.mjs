import { goalTable } from '../lib/goals.mjs'
import { describeMachine, describeVersions } from '../lib/machine.mjs'
import { micros, range, table, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { KINDS } from './curves.mjs'

/**
 * @typedef {import('../lib/rounds.mjs').Figures} Figures
 * @typedef {import('./curves.mjs').Curve} Curve
 */

const machine = describeMachine() // before anything runs

/**
 * @param {Figures} figures
 * @param {readonly Curve[]} curves
 * @param {{ rounds: number, new: number, seen: number, build: string }} options
 * @returns {string[]}
 */
export function curvesPage(figures, curves, { rounds, new: fresh, seen, build }) {
  return [
    '# Cost curves',
    'Made by `npm run curves` in bench/; do not edit.',
    `${machine}. ${describeVersions(['fastify', 'lru-cache'], build)}.`,
    '![Microseconds per token along each curve](curves.svg)',
    `Microseconds of CPU time for \`authenticate\` with a scope guard on a new request, without HTTP unless stated otherwise. ES256; unless they vary, one issuer, two scopes, tokens of 0.5 KiB, 100 cached tokens. Each point is measured in a separate process without pauses, where the curve has to be flat in five, in ${rounds} rounds of ${fresh} new tokens and ${seen} calls with tokens seen before. Median, minimum and maximum of the rounds. *Bare* is one \`crypto.verify\` for a new token, and a digest with a lookup for a token seen before, over the same tokens in the same process; *to bare* is the median of the ratios within each round.`,
    ...curves.flatMap((curve) => [`## ${curve.title}`, curve.text, section(figures, curve)]),
    '## Goals',
    goalTable(curves.filter(({ flat }) => flat).flatMap((curve) => goalsOf(figures, curve))),
  ]
}

const HEAD = [
  'µs, new token',
  'minimum … maximum',
  'bare',
  'to bare',
  'µs, seen before',
  'minimum … maximum',
  'bare',
  'to bare',
]

/**
 * @param {Figures} figures
 * @param {Curve} curve
 */
function section(figures, { name, unit, values }) {
  const rows = values.map((value) => [
    value.toString(),
    ...KINDS.flatMap((kind) => {
      const valuesOf = (/** @type {string} */ side) => figures.get(`${name} ${value} ${kind} ${side}`) ?? []
      const [own, bare] = [valuesOf('bearward'), valuesOf('bare')]
      const summary = summarize(own)
      return [micros(summary.median), range(summary), micros(summarize(bare).median), times(pairedRatio(own, bare))]
    }),
  ])
  return table([unit, ...HEAD], rows, 0)
}

const MAX_RATIO = 1.2

/**
 * @param {Figures} figures
 * @param {Curve} curve
 * @returns {import('../lib/goals.mjs').Goal[]}
 */
function goalsOf(figures, { name, unit, values }) {
  const [first, last] = [values[0], values[values.length - 1]]
  return KINDS.map((kind) => {
    // By what each costs to bare, which was measured beside it: the machine is not the same from point to point.
    const toBare = (/** @type {number} */ value) => {
      const key = `${name} ${value} ${kind}`
      return pairedRatio(figures.get(`${key} bearward`) ?? [], figures.get(`${key} bare`) ?? [])
    }
    const ratio = toBare(last) / toBare(first)
    return {
      what: `${last} ${unit} against ${first}, ${kind === 'new' ? 'new token' : 'token seen before'}`,
      goal: `flat to bare: at most ${MAX_RATIO} ×`,
      measured: `${times(ratio)} ×`,
      reached: ratio <= MAX_RATIO,
    }
  })
}
