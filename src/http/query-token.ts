const NAME = 'access_token'
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/**
 * True if the query of a request target has a parameter whose name decodes to `access_token` in any spelling: with
 * percent escapes, or with the brackets that some parsers turn into a list or drop (RFC 9700 §4.3.2). The value is
 * never read. Some parsers read a fragment, which a request target must not have, as part of the query, so it is
 * searched too. `new URLSearchParams` drops one `?` in front of its text, so in `/orders??access_token=a` some
 * applications see a token.
 */
export function queryHoldsToken(target: string): boolean {
  if (!target.includes('?') && !target.includes('#')) return false // most requests have no query
  let start = nextOf(target, '?#', 0) + 1
  while (target[start] === '?') start++
  while (start > 0) {
    const next = nextOf(target, '&#', start)
    if (namesToken(target, start, next === -1 ? target.length : next)) return true
    start = next + 1
  }
  return false
}

function nextOf(target: string, separators: string, from: number): number {
  for (let at = from; at < target.length; at++) {
    if (separators.includes(target[at] as string)) return at
  }
  return -1
}

/** Decodes one parameter name while comparing it, without a copy. */
function namesToken(target: string, start: number, stop: number): boolean {
  let at = start
  const [first, length] = decodeAt(target, at, stop)
  if (first === OPENING_BRACKET) at += length
  for (let index = 0; index < NAME.length; index++) {
    if (at >= stop) return false
    const [code, length] = decodeAt(target, at, stop)
    if (code !== NAME.charCodeAt(index)) return false
    at += length
  }
  if (at >= stop || target[at] === '=') return true
  // access_token[], access_token[0], [access_token]
  const [after] = decodeAt(target, at, stop)
  return after === OPENING_BRACKET || after === CLOSING_BRACKET
}

function decodeAt(target: string, at: number, stop: number): [code: number, length: number] {
  const code = target.charCodeAt(at)
  if (code !== 0x25 || at + 2 >= stop) return [code, 1]
  const hex = target.slice(at + 1, at + 3)
  return /^[0-9A-Fa-f]{2}$/.test(hex) ? [Number.parseInt(hex, 16), 3] : [code, 1]
}
