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
  const forms = [...new Set([raw, encodeURIComponent(raw)])]
  const text = JSON.stringify(response.claims)
  if (!forms.some((form) => text.includes(form))) return response
  const standIn = `sha256:${encodeBase64url(digest)}`

  function clean(part: string): string {
    if (part === raw) return standIn
    return raw.length < MIN_LENGTH ? part : forms.reduce((rest, form) => rest.replaceAll(form, standIn), part)
  }

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
