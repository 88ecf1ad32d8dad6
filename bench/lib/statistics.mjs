/**
 * What the rounds say together.
 *
 * @typedef {{ median: number, min: number, max: number }} Summary
 */

/**
 * @param {readonly number[]} values one per round
 * @returns {Summary}
 */
export function summarize(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  return { median, min: sorted[0], max: sorted[sorted.length - 1] }
}

/**
 * How many times the base a thing takes: the median of the ratios within each round, because a busy machine slows both.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 */
export const pairedRatio = (values, base) => summarize(values.map((value, round) => value / base[round])).median
