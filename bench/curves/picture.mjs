import { summarize } from '../lib/statistics.mjs'
import { dot, line, picture, text } from '../lib/svg.mjs'
import { KINDS } from './curves.mjs'

const MARGIN = 20
const PANEL = { width: 500, height: 170, left: 44, right: 20, top: 34, bottom: 34 }
const HEAD = 92

/** @typedef {readonly (readonly [value: number, time: number])[]} Series */

/**
 * A panel for each curve and kind of token, ours beside the bare operation.
 *
 * @param {import('../lib/rounds.mjs').Figures} figures
 * @param {readonly import('./curves.mjs').Curve[]} curves
 */
export function curvesPicture(figures, curves) {
  const width = 2 * MARGIN + KINDS.length * PANEL.width
  const elements = [
    text(MARGIN, 28, 'How the cost of a token grows', 'title text'),
    text(MARGIN, 48, 'Microseconds of CPU time: the median. Lower is better.', 'quiet'),
    line(
      [
        [width - 250, 24],
        [width - 220, 24],
      ],
      'own',
      { width: 2 },
    ),
    text(width - 212, 28, 'bearward'),
    line(
      [
        [width - 140, 24],
        [width - 110, 24],
      ],
      'peer',
      { width: 2, dashed: true },
    ),
    text(width - 102, 28, 'bare operation'),
    text(MARGIN, HEAD - 10, 'New token', 'head text'),
    text(MARGIN + PANEL.width, HEAD - 10, 'Token seen before', 'head text'),
  ]
  for (const [row, { name, title, unit, values }] of curves.entries()) {
    for (const [column, kind] of KINDS.entries()) {
      const seriesOf = (/** @type {string} */ side) =>
        values.map(
          (value) =>
            /** @type {const} */ ([value, summarize(figures.get(`${name} ${value} ${kind} ${side}`) ?? []).median]),
        )
      elements.push(
        ...panel(`${title}${unit === 'KiB' ? ' (KiB)' : ''}`, seriesOf('bearward'), seriesOf('bare'), {
          x: MARGIN + column * PANEL.width,
          y: HEAD + row * PANEL.height,
        }),
      )
    }
  }
  const height = HEAD + curves.length * PANEL.height + MARGIN
  const description = 'The same figures are in the tables of curves.md.'
  return picture({ width, height, title: 'CPU time per token along each curve', description }, elements)
}

/**
 * @param {string} title
 * @param {Series} own
 * @param {Series} bare
 * @param {{ x: number, y: number }} corner
 */
function panel(title, own, bare, corner) {
  const left = corner.x + PANEL.left
  const right = corner.x + PANEL.width - PANEL.right
  const top = corner.y + PANEL.top
  const bottom = corner.y + PANEL.height - PANEL.bottom
  const max = niceAbove(Math.max(...[...own, ...bare].map(([, time]) => time)))
  const [first, last] = [Math.log(own[0][0]), Math.log(own[own.length - 1][0])]
  const xOf = (/** @type {number} */ value) => left + ((Math.log(value) - first) / (last - first)) * (right - left)
  const yOf = (/** @type {number} */ time) => bottom - (time / max) * (bottom - top)
  const place = (/** @type {Series} */ series) =>
    series.map(([value, time]) => /** @type {const} */ ([xOf(value), yOf(time)]))
  return [
    text(corner.x, corner.y + 18, title, 'text'),
    ...[0, max / 2, max].flatMap((time) => [
      line(
        [
          [left, yOf(time)],
          [right, yOf(time)],
        ],
        'grid',
      ),
      text(left - 6, yOf(time) + 4, `${time}`, 'quiet', 'end'),
    ]),
    ...own.map(([value]) => text(xOf(value), bottom + 18, short(value), 'quiet', 'middle')),
    line(place(bare), 'peer', { width: 2, dashed: true }),
    line(place(own), 'own', { width: 2 }),
    ...place(own).map(([x, y]) => dot(x, y, 'own')),
  ]
}

/** A round number not far above. @param {number} value */
function niceAbove(value) {
  const magnitude = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 6, 8, 10].map((step) => step * magnitude).find((step) => step >= value) ?? value
}

/** @param {number} value */
const short = (value) => (value >= 1e6 ? `${value / 1e6}M` : value >= 1e4 ? `${value / 1e3}k` : `${value}`)
