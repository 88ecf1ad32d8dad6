import fc from 'fast-check'

/** Any code point, half a surrogate pair as well. fast-check's own `binary` lists them all first, which takes seconds. */
export const codePoint = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code))
