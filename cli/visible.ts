/** Control and bidirectional characters: a token could rewrite the terminal with them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Untrusted text, safe for a terminal: on one line, with JSON escapes. */
export const visible = (text: string): string => text.replace(INVISIBLE, escaped)

/** JSON output may also end up on a terminal. The escapes do not change its meaning. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(INVISIBLE, (character) =>
    character === '\n' ? character : escaped(character),
  )

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** An untrusted value as JSON, on one line, truncated. */
export function visibleValue(value: unknown): string {
  const text = visible(JSON.stringify(value) ?? 'undefined')
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}… (${text.length} characters)` : text
}

const MAX_LENGTH = 300
