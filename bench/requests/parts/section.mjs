import { micros, table } from '../../lib/markdown.mjs'
import { summarize } from '../../lib/statistics.mjs'
import { frameworks } from '../variants.mjs'
import { FIRST, LAST, steps, UNAVOIDABLE } from './steps.mjs'

/**
 * @typedef {import('../../lib/rounds.mjs').Figures} Figures
 * @typedef {import('../variants.mjs').Variant['framework']} Framework
 */

/**
 * What a guard does for a token seen before, step by step.
 *
 * @param {Figures} figures
 * @param {{ processes: number, passes: number, requests: number }} options
 * @returns {string[]}
 */
export function partsSection(figures, { processes, passes, requests }) {
  const rows = steps.map(({ name, title }) => [
    title,
    ...frameworks.map((framework) => micros(addedBy(figures, framework, name))),
  ])
  rows.push([
    'for comparison: a second route without a guard',
    ...frameworks.map((framework) => micros(betweenBare(figures, framework))),
  ])
  return [
    '## Where the time of a token seen before goes',
    `Routes of one process, each of which does one thing more than the previous one; only \`verify\` replaces digest and lookup. Added CPU time in µs per request above the mean of two routes without a guard: the median of ${processes * passes} passes, ${passes} in each of ${processes} processes, each of which runs every route with ${requests} requests. The last row is the difference between the two routes without a guard; it shows the precision of the others.`,
    table(['a guard on the route', ...frameworks], rows),
    conclusion(figures),
    'Figures on Express vary more than the others: more of the memory that its requests allocate survives minor collections until the next full one.',
  ]
}

/** @param {Figures} figures */
function conclusion(figures) {
  const before = frameworks.map((framework) => addedBy(figures, framework, UNAVOIDABLE))
  const above = frameworks.map((framework) => aboveUnavoidable(figures, framework).median)
  const each = (/** @type {number[]} */ values) =>
    list(values.map((value, at) => `${micros(value)} µs on ${frameworks[at]}`))
  return `Hook, header, digest, lookup and hand-over, which no guard can omit, take ${each(before)}; above them, the whole guard of bearward adds ${each(above)}: the medians of the differences within each pass.`
}

/**
 * What the whole guard of bearward adds to the steps that no guard can omit.
 *
 * @param {Figures} figures
 * @param {Framework} framework
 */
export function aboveUnavoidable(figures, framework) {
  const before = timesOf(figures, framework, UNAVOIDABLE)
  return summarize(timesOf(figures, framework, 'guard').map((value, pass) => value - before[pass]))
}

const list = (/** @type {string[]} */ items) => new Intl.ListFormat('en-GB').format(items)

/**
 * @param {Figures} figures
 * @param {Framework} framework
 * @param {import('./steps.mjs').Route} route
 */
function addedBy(figures, framework, route) {
  const [first, last] = [timesOf(figures, framework, FIRST), timesOf(figures, framework, LAST)]
  const added = timesOf(figures, framework, route).map((value, pass) => value - (first[pass] + last[pass]) / 2)
  return summarize(added).median
}

/**
 * @param {Figures} figures
 * @param {Framework} framework
 */
function betweenBare(figures, framework) {
  const first = timesOf(figures, framework, FIRST)
  return summarize(timesOf(figures, framework, LAST).map((value, pass) => value - first[pass])).median
}

/**
 * @param {Figures} figures
 * @param {Framework} framework
 * @param {import('./steps.mjs').Route} route
 */
const timesOf = (figures, framework, route) => figures.get(`parts ${framework} ${route}`) ?? []
