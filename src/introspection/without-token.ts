import { encodeBase64url, isObject, type JsonObject } from '../util/encoding.ts'
import type { IntrospectionResult } from './response.ts'

/**
 * Some servers repeat the token in their response: as a member, nested, in a list, or inside of a string such as a URL. It
 * must not be stored, so its digest replaces it. No member is removed, because some of them restrict what a token may do.
 *
 * @param digest its SHA-256, one byte per character
 */
export function withoutToken(response: IntrospectionResult, raw: string, digest: string): IntrospectionResult {
  if (!response.active) return response
  const clean = replacer(raw, `sha256:${encodeBase64url(digest)}`)

  /** Its depth is limited: see `readResponse`. */
  function cleaned(value: unknown): unknown {
    if (typeof value === 'string') return clean(value)
    if (Array.isArray(value)) return value.map(cleaned)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [clean(name), cleaned(member)]))
  }

  return { active: true, claims: cleaned(response.claims) as JsonObject }
}

// A shorter token, as in a test, is a part of ordinary words. RFC 6749 §10.10 requires at least 128 random bits.
const MIN_LENGTH = 16

/**
 * Replaces the token in texts: as it is, or as it is escaped in a URL, in a form, or in JSON (RFC 8259 §7), also if that is
 * escaped again. Not by a regular expression made of the token, which would have to be compiled for each one.
 */
function replacer(raw: string, by: string): (text: string) => string {
  const isShort = raw.length < MIN_LENGTH
  // Nothing escapes letters and digits, so that almost no text has to be searched.
  const run = longest(raw.match(/[A-Za-z0-9]+/g) ?? [])
  return (text) => {
    if (!text.includes(run)) return text
    let output = ''
    let rest = 0
    for (let at = 0; at < text.length; at++) {
      const end = endOf(raw, text, at)
      if (end === undefined || (isShort && (at > 0 || end < text.length))) continue
      output += text.slice(rest, at) + by
      rest = end
      at = end - 1
    }
    return output + text.slice(rest)
  }
}

const longest = (texts: readonly string[]): string => texts.reduce((a, b) => (b.length > a.length ? b : a), '')

/** Where the token that begins at `start` ends in a text; `undefined` if none does. */
function endOf(raw: string, text: string, start: number): number | undefined {
  let at = start
  for (const character of raw) {
    if (text[at] !== character) {
      const escaped = escapedAt(text, at)
      if (escaped?.character !== character) return undefined
      at = escaped.end
    } else at++
  }
  return at
}

/** By number, or after backslashes. The repetitions are limited, so that no text takes long to search. */
const ESCAPED = /(?:%(?:25){0,3}|\\{1,7}u00)([0-9a-f]{2})|\\{1,7}([^\\])/iy

function escapedAt(
  text: string,
  at: number,
): { readonly character: string | undefined; readonly end: number } | undefined {
  if (text[at] !== '%' && text[at] !== '\\') return undefined
  ESCAPED.lastIndex = at
  const [, code, character] = ESCAPED.exec(text) ?? []
  return {
    character: code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
    end: ESCAPED.lastIndex,
  }
}
