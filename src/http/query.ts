const NAME = 'access_token'

/**
 * True if the query of a request target has a parameter that decodes to `access_token`, under any spelling: percent
 * escapes, or the brackets some parsers turn into a list (RFC 9700 §4.3.2). The value is never looked at.
 */
export function queryHoldsToken(target: string): boolean {
  const question = target.indexOf('?')
  if (question === -1) return false
  const hash = target.indexOf('#', question)
  const end = hash === -1 ? target.length : hash
  let start = question + 1
  while (start < end) {
    const next = target.indexOf('&', start)
    const stop = next === -1 || next > end ? end : next
    if (namesToken(target, start, stop)) return true
    start = stop + 1
  }
  return false
}

/** Walks one parameter name and decodes as it goes, so that nothing is copied. */
function namesToken(target: string, start: number, stop: number): boolean {
  let at = start
  for (let index = 0; index < NAME.length; index++) {
    if (at >= stop) return false
    const [code, length] = decodeAt(target, at, stop)
    if (code !== NAME.charCodeAt(index)) return false
    at += length
  }
  if (at >= stop || target[at] === '=') return true
  return decodeAt(target, at, stop)[0] === 0x5b // '[' as in access_token[] and access_token[0]
}

function decodeAt(target: string, at: number, stop: number): [code: number, length: number] {
  const code = target.charCodeAt(at)
  if (code !== 0x25 || at + 2 >= stop) return [code, 1]
  const hex = target.slice(at + 1, at + 3)
  return /^[0-9A-Fa-f]{2}$/.test(hex) ? [Number.parseInt(hex, 16), 3] : [code, 1]
}
