import { pairedRatio, summarize } from '../lib/statistics.mjs'
import { GUARDED, OPEN } from './routes.mjs'
import { requestKinds, takes, variants } from './variants.mjs'

/**
 * @typedef {import('../lib/rounds.mjs').Figures} Figures
 * @typedef {import('../lib/statistics.mjs').Summary} Summary
 * @typedef {import('./variants.mjs').Kind} Kind
 */

/** Microseconds that a guard may add to what no guard can omit, for a token that it knows: the goal. */
export const MAX_ABOVE = 3

/**
 * The summary of all pairs for one server and one kind of request.
 *
 * @typedef {import('./variants.mjs').Variant & {
 *   bare: Summary,
 *   time: Summary,
 *   added: Summary,
 *   rate: Summary,
 *   rateToBare: number,
 * }} Line bare, time and added in microseconds of CPU time per request, rate in requests per second
 */

/**
 * @param {Figures} figures
 * @param {Kind} kind
 * @param {readonly import('./variants.mjs').Variant[]} [of]
 * @returns {Line[]}
 */
export function linesOf(figures, kind, of = variants) {
  return of
    .filter((variant) => takes(variant, kind))
    .map((variant) => {
      const [time, bare] = [valuesOf(figures, kind, variant, GUARDED, 'time'), bareOf(figures, kind, variant, 'time')]
      const rate = valuesOf(figures, kind, variant, GUARDED, 'rate')
      return {
        ...variant,
        bare: summarize(bare),
        time: summarize(time),
        added: summarize(time.map((value, pair) => value - bare[pair])),
        rate: summarize(rate),
        rateToBare: pairedRatio(rate, bareOf(figures, kind, variant, 'rate')),
      }
    })
}

/**
 * The bases for the added time of a line: the hand-written check in the same place, and the peer that adds least. No peer
 * caches introspection responses, so the base for opaque tokens is the peer that adds least for a JWT seen before.
 *
 * @param {Figures} figures
 * @param {Kind} kind
 * @param {Line['framework']} framework
 */
export function basesOf(figures, kind, framework) {
  const addedBy = (/** @type {Line['kind']} */ lineKind, /** @type {Kind} */ of) =>
    linesOf(figures, of)
      .filter((line) => line.framework === framework && line.kind === lineKind)
      .map(({ added }) => added.median)
  return { hand: addedBy('hand', kind)[0], best: Math.min(...addedBy('peer', kind === 'opaque' ? 'seen' : kind)) }
}

/**
 * How much of the time a server without a guard had work to do, at the median of its batches; of the one
 * that had least.
 *
 * @param {Figures} figures
 */
export function leastBusy(figures) {
  const shares = requestKinds.flatMap(({ name }) =>
    variants
      .filter((variant) => takes(variant, name))
      .map((variant) => summarize(bareOf(figures, name, variant, 'busy')).median),
  )
  return Math.min(...shares)
}

/**
 * @param {Figures} figures
 * @param {Kind} kind
 * @param {import('./variants.mjs').Variant} variant
 * @param {string} path
 * @param {keyof import('./running.mjs').Cost} what
 */
const valuesOf = (figures, kind, { framework, guard }, path, what) =>
  figures.get(`${kind} ${framework} ${guard} ${path} ${what}`) ?? []

/**
 * @param {Figures} figures
 * @param {Kind} kind
 * @param {import('./variants.mjs').Variant} variant
 * @param {keyof import('./running.mjs').Cost} what
 */
const bareOf = (figures, kind, variant, what) => valuesOf(figures, kind, variant, OPEN, what)
