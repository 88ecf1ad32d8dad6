import { bar, line, picture, text } from '../lib/svg.mjs'
import { linesOf } from './summary.mjs'
import { requestKinds } from './variants.mjs'

const COLUMN = 360
const MARGIN = 20
const LABEL = 190 // room for the name of a guard
const BAR = 12
const STEP = 19
const HEAD = 74
const GAP = 40 // between two kinds, with room for a title

/** @type {Record<string, import('../lib/svg.mjs').Colour>} */
const COLOURS = { hand: 'hand', peer: 'peer', bearward: 'own' }

/**
 * The time each guard adds to a request: a column for each framework, a group of bars for each kind of request. All bars
 * of a group have the same scale.
 *
 * @param {import('../lib/rounds.mjs').Figures} figures
 */
export function requestsPicture(figures) {
  const groups = requestKinds.map(({ name, title }) => {
    const lines = linesOf(figures, name)
    const frameworks = [...new Set(lines.map(({ framework }) => framework))]
    const columns = frameworks.map((framework) => lines.filter((line) => line.framework === framework))
    const max = Math.max(...lines.map(({ added }) => added.median))
    return { title, columns, max, bars: Math.max(...columns.map(({ length }) => length)) }
  })
  const width = 2 * MARGIN + COLUMN * groups[0].columns.length
  const elements = [
    text(MARGIN, 28, 'What a guard adds to a request', 'title text'),
    text(
      MARGIN,
      48,
      'Microseconds of CPU time above the same route without a guard: the median. Lower is better.',
      'quiet',
    ),
  ]
  let top = HEAD
  for (const { title, columns, max, bars } of groups) {
    elements.push(
      text(MARGIN, top + 14, title, 'head text'),
      line(
        [
          [MARGIN, top + 22],
          [width - MARGIN, top + 22],
        ],
        'grid',
      ),
    )
    for (const [at, lines] of columns.entries()) {
      elements.push(...group(lines, { x: MARGIN + at * COLUMN, y: top + 30, max }))
    }
    top += GAP + (bars + 1) * STEP
  }
  const description = 'The same figures are in the tables of requests.md.'
  return picture({ width, height: top, title: 'Added CPU time per request, by guard', description }, elements)
}

/**
 * @param {readonly import('./summary.mjs').Line[]} lines
 * @param {{ x: number, y: number, max: number }} place
 */
function group(lines, { x, y, max }) {
  const scale = (COLUMN - LABEL - 70) / max
  return [
    text(x, y + 12, lines[0].framework, 'quiet'),
    ...lines.flatMap(({ guard, kind, added: { median } }, at) => {
      const from = y + (at + 1) * STEP
      const width = Math.max(1, median * scale)
      return [
        text(
          x + LABEL - 8,
          from + 10,
          guard.replace('with its cache', '+ cache'),
          kind === 'bearward' ? 'head text' : 'text',
          'end',
        ),
        bar({ x: x + LABEL, y: from, width, height: BAR }, COLOURS[kind]),
        text(x + LABEL + width + 6, from + 10, median < 10 ? median.toFixed(1) : median.toFixed(0), 'quiet'),
      ]
    }),
  ]
}
