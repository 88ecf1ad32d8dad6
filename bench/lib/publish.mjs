import { mkdirSync, writeFileSync } from 'node:fs'

/**
 * Writes a page into results/, or prints it.
 *
 * @param {string} name
 * @param {readonly string[]} blocks
 * @param {boolean} print
 */
export function publish(name, blocks, print) {
  const page = `${blocks.join('\n\n')}\n`
  if (print) process.stdout.write(page)
  else write(`${name}.md`, page)
}

/**
 * Writes a picture next to the page, unless the page is printed.
 *
 * @param {string} name
 * @param {string} svg
 * @param {boolean} print
 */
export function publishPicture(name, svg, print) {
  if (!print) write(`${name}.svg`, svg)
}

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  const folder = new URL('../results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(name, folder), text)
  console.error(`results/${name} written`)
}
