/** Control characters and those that turn the direction of writing: with them a token could rewrite the terminal. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** A text of somebody else as a terminal may show it, on one line; escaped as in JSON. */
export const visible = (text: string): string => text.replace(INVISIBLE, escaped)

/** What is for programs may be seen by people; it stays the same JSON, over several lines. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(INVISIBLE, (character) =>
    character === '\n' ? character : escaped(character),
  )

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** A value of somebody else as JSON, on one line, and not without end. */
export function visibleValue(value: unknown): string {
  const text = visible(JSON.stringify(value) ?? 'undefined')
  return text.length > MOST ? `${text.slice(0, MOST)}… (${text.length} characters)` : text
}

const MOST = 300
