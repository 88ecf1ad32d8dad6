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

  function clean(text: string): string {
    if (raw.length < MIN_LENGTH) return text === raw ? standIn : text
    const rest = text.replaceAll(raw, standIn)
    // Between escapes, its place would be hard to find.
    return hides(rest, raw) ? standIn : rest
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

// A form in JSON in JSON has three.
const MAX_LAYERS = 4

/** Escapes of URLs and forms (RFC 3986 §2.1), and of JSON (RFC 8259 §7). */
const ESCAPES = /%([0-9a-f]{2})|\\u00([0-9a-f]{2})|\\(.)/gi

/** Whether a text contains the token if its escapes are decoded, several times if needed. */
function hides(text: string, raw: string): boolean {
  let layer = text
  for (let count = 0; count < MAX_LAYERS && /[%\\]/.test(layer); count++) {
    layer = layer.replace(ESCAPES, (_, ofUrl, ofJson, itself) =>
      String(itself ?? String.fromCharCode(Number.parseInt(ofUrl ?? ofJson, 16))),
    )
    if (layer.includes(raw)) return true
  }
  return false
}
