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
  const standIn = `sha256:${encodeBase64url(digest)}`
  const spelled = spellingsOf(raw)
  const clean = (part: string) => part.replace(spelled, standIn)

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

/** The token in a text: as it is, or as it is escaped in a URL, in a form, or in JSON (RFC 8259 §7). */
function spellingsOf(raw: string): RegExp {
  const pattern = raw.replace(/[^A-Za-z0-9]/g, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return `(?:\\\\?\\${character}|%${code}|%${code.toUpperCase()})`
  })
  return new RegExp(raw.length < MIN_LENGTH ? `^${pattern}$` : pattern, 'g')
}
