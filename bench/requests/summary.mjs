import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { requestKinds, takes, variants } from './variants.mjs'

/**
 * What the rounds say of one server and one kind of request.
 *
 * @typedef {import('./variants.mjs').Variant & {
 *   time: import('../lib/statistics.mjs').Summary,
 *   added: import('../lib/statistics.mjs').Summary,
 *   rate: import('../lib/statistics.mjs').Summary,
 *   rateToBare: number,
 * }} Line time and added in microseconds of CPU time per request, rate in requests per second
 */

/**
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {import('./variants.mjs').Kind} kind
 * @returns {Line[]}
 */
export function linesOf(figures, kind) {
  return variants
    .filter((variant) => takes(variant, kind))
    .map((variant) => {
      const valuesOf = (/** @type {string} */ guard, /** @type {'time' | 'rate'} */ what) =>
        figures.get(`${kind} ${variant.framework} ${guard} ${what}`) ?? []
      const [time, bareTime] = [valuesOf(variant.guard, 'time'), valuesOf('bare', 'time')]
      const [rate, bareRate] = [valuesOf(variant.guard, 'rate'), valuesOf('bare', 'rate')]
      return {
        ...variant,
        time: summarize(time),
        added: summarize(time.map((value, round) => value - bareTime[round])),
        rate: summarize(rate),
        rateToBare: pairedRatio(rate, bareRate),
      }
    })
}

/**
 * What the added time of a line is held against: the hand-written check in the same place, and the peer that adds least.
 * No peer keeps what it learns of opaque tokens: there it is the peer that adds least for a JWT seen before.
 *
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {import('./variants.mjs').Kind} kind
 * @param {Line['framework']} framework
 */
export function basesOf(figures, kind, framework) {
  const addedBy = (/** @type {Line['kind']} */ wanted, /** @type {import('./variants.mjs').Kind} */ of) =>
    linesOf(figures, of)
      .filter((line) => line.framework === framework && line.kind === wanted)
      .map(({ added }) => added.median)
  return { hand: addedBy('hand', kind)[0], best: Math.min(...addedBy('peer', kind === 'opaque' ? 'seen' : kind)) }
}

/**
 * How much of the time a bare server had work to do, at the median of its rounds; of the one that had least.
 *
 * @param {import('../lib/rounds.mjs').Figures} figures
 */
export function leastBusy(figures) {
  const bare = variants.filter(({ kind }) => kind === 'bare')
  const shares = requestKinds.flatMap(({ name }) =>
    bare.map(({ framework, guard }) => summarize(figures.get(`${name} ${framework} ${guard} busy`) ?? []).median),
  )
  return Math.min(...shares)
}
