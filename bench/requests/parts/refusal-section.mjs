import { micros, middleHalf, table, times } from '../../lib/markdown.mjs'
import { summarize } from '../../lib/statistics.mjs'
import { frameworks } from '../variants.mjs'
import { BY_HAND, bareRoute, REFUSED } from './refusals.mjs'

/**
 * @typedef {import('../../lib/rounds.mjs').Figures} Figures
 * @typedef {import('./refusals.mjs').Refused} Refused
 */

const TITLES = { none: 'no token', bad: 'a wrong signature' }

/** Microseconds that a refusal without a token may add to one by hand, or how many times as much, if that one adds more. */
const MAX_ABOVE = 3
const MAX_RATIO = 2
/** How many times as much as by hand the refusal of a wrong signature may add. */
const MAX_RATIO_BAD = 1.3

/**
 * What it takes to refuse, on routes that all respond with the same bytes.
 *
 * @param {Figures} figures
 * @param {{ processes: number, passes: number, requests: number, fresh: number }} options
 * @returns {string[]}
 */
export function refusalSection(figures, { processes, passes, requests, fresh }) {
  const rows = REFUSED.flatMap((refused) =>
    frameworks.map((framework) => {
      const { bare, hand, own } = addedTo(figures, framework, refused)
      return [
        framework,
        TITLES[refused],
        micros(bare.median),
        micros(hand.median),
        middleHalf(hand),
        micros(own.median),
        middleHalf(own),
        hand.median < 1 ? '–' : times(own.median / hand.median),
      ]
    }),
  )
  return [
    '## Refusals with the same response',
    `Three routes of one process that respond with the same headers and body: one without a guard, one with a hook written by hand, one with the guard of bearward. Added CPU time in µs per request above the route without a guard: medians of ${processes * passes} passes, ${passes} in each of ${processes} processes, of ${requests} requests, ${fresh} if each has another token.`,
    table(
      ['framework', 'refused', 'µs bare', 'by hand adds', 'middle half', 'bearward adds', 'middle half', 'ratio'],
      rows,
      2,
    ),
  ]
}

/** @param {Figures} figures @returns {import('../../lib/goals.mjs').Goal[]} */
export const refusalGoals = (figures) =>
  frameworks.flatMap((framework) => REFUSED.map((refused) => goalOf(figures, framework, refused)))

/**
 * @param {Figures} figures
 * @param {string} framework
 * @param {Refused} refused
 * @returns {import('../../lib/goals.mjs').Goal}
 */
function goalOf(figures, framework, refused) {
  const { hand, own, above } = addedTo(figures, framework, refused)
  const ratio = own.median / hand.median
  const what = `${framework}, ${TITLES[refused]}, the same response`
  if (refused === 'bad')
    return {
      what,
      goal: `at most ${MAX_RATIO_BAD} × by hand`,
      measured: `${times(ratio)} ×`,
      reached: ratio <= MAX_RATIO_BAD,
    }
  return hand.median > MAX_ABOVE
    ? { what, goal: `at most ${MAX_RATIO} × by hand`, measured: `${times(ratio)} ×`, reached: ratio <= MAX_RATIO }
    : {
        what,
        goal: `at most ${MAX_ABOVE} µs above by hand`,
        measured: `${micros(above.median)} µs`,
        reached: above.median <= MAX_ABOVE,
      }
}

/**
 * @param {Figures} figures
 * @param {string} framework
 * @param {Refused} refused
 */
function addedTo(figures, framework, refused) {
  const timesOf = (/** @type {string} */ route) => figures.get(`refused ${refused} ${framework} ${route}`) ?? []
  const [bare, hand, own] = [bareRoute(refused), BY_HAND, 'guard'].map(timesOf)
  const difference = (/** @type {number[]} */ one, /** @type {number[]} */ other) =>
    summarize(one.map((value, pass) => value - other[pass]))
  return {
    bare: summarize(bare),
    hand: difference(hand, bare),
    own: difference(own, bare),
    above: difference(own, hand),
  }
}
