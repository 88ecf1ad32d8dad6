import { micros, range, table, times } from '../lib/markdown.mjs'
import { pairedRatio, summarize } from '../lib/statistics.mjs'

/**
 * One line for each of those that were measured at the same thing, and what they cost beside each other.
 *
 * @param {string} title
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {(name: string) => readonly number[]} valuesOf one per round
 * @param {(name: string) => boolean} [isMarked]
 */
export function section(title, contestants, valuesOf, isMarked = () => false) {
  const { bare, best = [] } = basesOf(contestants, valuesOf)
  const rows = contestants.map(({ name, kind }) => {
    const values = valuesOf(name)
    const summary = summarize(values)
    return [
      `${kind === 'bearward' ? `**${name}**` : name}${isMarked(name) ? ' ¹' : ''}`,
      micros(summary.median),
      range(summary),
      times(pairedRatio(values, bare)),
      kind === 'bare' || best.length === 0 ? '' : times(pairedRatio(values, best)),
    ]
  })
  return table([title, 'µs per token', 'minimum … maximum', 'to bare', 'to best peer'], rows)
}

/**
 * The bases of the ratios: the bare operation, and the peer with the least median.
 *
 * @param {readonly import('./contestants.mjs').Contestant[]} contestants
 * @param {(name: string) => readonly number[]} valuesOf
 */
export function basesOf(contestants, valuesOf) {
  const of = (/** @type {string} */ required) =>
    contestants.filter(({ kind }) => kind === required).map(({ name }) => valuesOf(name))
  const [best] = of('peer').sort((a, b) => summarize(a).median - summarize(b).median)
  return { bare: of('bare')[0], best, own: of('bearward')[0] }
}
