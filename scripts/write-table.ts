import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces the part of a page that a command writes: the text between its two comments. */
export function writeTable(page: string, command: string, text: string): void {
  const [begin, end] = [`<!-- written by ${command} -->`, '<!-- end -->']
  const before = readFileSync(page, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no place for what ${command} writes`)
  writeFileSync(page, `${before.slice(0, from)}${begin}\n\n${text}\n\n${before.slice(to)}`)
}
