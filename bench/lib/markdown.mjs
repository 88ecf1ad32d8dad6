/**
 * A table, its columns after the first `texts` ones set to the right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @param {number} [texts]
 */
export function table(head, rows, texts = 1) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, at) => (at < texts ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

/** Microseconds with as many digits as mean something. @param {number} value */
export const micros = (value) => value.toFixed(Math.abs(value) < 10 ? 2 : 1)

/** Whole ones, because the rest is noise. @param {number} value */
export const perSecond = (value) => value.toFixed(0)

/** @param {number} value */
export const percent = (value) => `${(value * 100).toFixed(0)} %`

/**
 * From the minimum to the maximum.
 *
 * @param {{ min: number, max: number }} summary
 * @param {(value: number) => string} [format]
 */
export const range = ({ min, max }, format = micros) => `${format(min)} … ${format(max)}`

/**
 * Between the first and the third quartile.
 *
 * @param {{ first: number, third: number }} summary
 */
export const middleHalf = ({ first, third }) => `${micros(first)} … ${micros(third)}`

/** @param {number} value */
export const times = (value) => value.toFixed(2)
