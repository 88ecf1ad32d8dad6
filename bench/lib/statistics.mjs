/**
 * The summary of the rounds.
 *
 * @typedef {{ median: number, min: number, max: number, first: number, third: number }} Summary first and third: the
 *   quartiles, between which the middle half lies
 */

/**
 * @param {readonly number[]} values one per round
 * @returns {Summary}
 */
export function summarize(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 1 / 2),
    min: sorted[0],
    max: sorted[sorted.length - 1],
    first: quantile(sorted, 1 / 4),
    third: quantile(sorted, 3 / 4),
  }
}

/**
 * The value below which such a share of the others lies; between two values, in proportion.
 *
 * @param {readonly number[]} sorted
 * @param {number} share
 */
function quantile(sorted, share) {
  const at = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at - Math.floor(at))
}

/**
 * How many times the base a thing takes: the median of the ratios within each round, because a busy machine slows both.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 */
export const pairedRatio = (values, base) => summarize(values.map((value, round) => value / base[round])).median
