import { mkdirSync, writeFileSync } from 'node:fs'

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

/** From the least to the most. @param {{ min: number, max: number }} summary */
export const range = ({ min, max }) => `${micros(min)} … ${micros(max)}`

/** @param {number} value */
export const times = (value) => value.toFixed(2)

/**
 * Writes a page into results/, or prints it.
 *
 * @param {string} name
 * @param {readonly string[]} blocks
 * @param {boolean} print
 */
export function publish(name, blocks, print) {
  const page = `${blocks.join('\n\n')}\n`
  if (print) {
    process.stdout.write(page)
    return
  }
  const folder = new URL('../results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.md`, folder), page)
  console.error(`results/${name}.md written`)
}
