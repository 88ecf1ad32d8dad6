/** Control and bidirectional characters: a token could rewrite the terminal with them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Untrusted text, safe for a terminal: on one line, with JSON escapes. */
export const visible = (text: string): string => text.replace(INVISIBLE, escaped)

/** The same for several lines. */
export const visibleLines = (text: string): string =>
  text.replace(INVISIBLE, (character) => (character === '\n' ? character : escaped(character)))

/** JSON output may also end up on a terminal. The escapes do not change its meaning. */
export const visibleJson = (value: unknown): string => visibleLines(JSON.stringify(limited(value), undefined, 2))

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** An untrusted value as JSON, on one line, truncated. */
export const visibleValue = (value: unknown): string =>
  truncated(visible(JSON.stringify(limited(value)) ?? 'undefined'), 300)

/** An untrusted name, on one line, truncated: a table is as wide as its longest name, in every row. */
export const visibleName = (name: string): string => truncated(visible(name), 60)

export const truncated = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text

/** JSON without its deepest levels: those that anyone may nest exhaust the stack. */
function limited(value: unknown, levels = MAX_LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return '…'
  if (Array.isArray(value)) return value.map((member) => limited(member, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, limited(member, levels - 1)]))
}

const MAX_LEVELS = 32
