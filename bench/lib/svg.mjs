// As much of SVG as the pictures need. They bring their own ground, so that they can be read on any page, and follow
// the reader's choice of light or dark. Fonts are those of the reader.

/** Each class with its colour on light and on dark ground. */
const COLOURS = {
  ground: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#e6edf3'],
  quiet: ['#59636e', '#9198a1'],
  grid: ['#d1d9e0', '#30363d'],
  own: ['#0969da', '#4493f8'],
  hand: ['#1a7f37', '#3fb950'],
  peer: ['#8c959f', '#6e7681'],
}

/** @typedef {keyof typeof COLOURS} Colour */

const rules = (/** @type {0 | 1} */ mode) =>
  Object.entries(COLOURS)
    .map(([name, pair]) => `.${name}{fill:${pair[mode]}}.line-${name}{stroke:${pair[mode]};fill:none}`)
    .join('')

const STYLE = `text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif}.title{font-size:15px;font-weight:600}.head{font-size:13px;font-weight:600}${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}`

/**
 * @param {{ width: number, height: number, title: string, description: string }} picture
 * @param {readonly string[]} elements
 */
export function picture({ width, height, title, description }, elements) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="8"/>`,
    ...elements,
    '</svg>',
    '',
  ].join('\n')
}

/**
 * @param {number} x
 * @param {number} y of the base line
 * @param {string} content
 * @param {string} [classes]
 * @param {'start' | 'middle' | 'end'} [anchor]
 */
export const text = (x, y, content, classes = 'text', anchor = 'start') =>
  `<text x="${round(x)}" y="${round(y)}" class="${classes}" text-anchor="${anchor}">${escaped(content)}</text>`

/**
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {Colour} colour
 */
export const bar = ({ x, y, width, height }, colour) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2" class="${colour}"/>`

/**
 * @param {readonly (readonly [x: number, y: number])[]} points
 * @param {Colour} colour
 * @param {{ width?: number, dashed?: boolean }} [style]
 */
export function line(points, colour, { width = 1, dashed = false } = {}) {
  const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')
  const dashes = dashed ? ' stroke-dasharray="5 4"' : ''
  return `<polyline points="${path}" class="line-${colour}" stroke-width="${width}"${dashes} stroke-linejoin="round"/>`
}

/**
 * @param {number} x
 * @param {number} y
 * @param {Colour} colour
 */
export const dot = (x, y, colour) => `<circle cx="${round(x)}" cy="${round(y)}" r="2.5" class="${colour}"/>`

const round = (/** @type {number} */ value) => Number(value.toFixed(1))

const escaped = (/** @type {string} */ content) =>
  content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
