import { builtin } from './runtime.ts'

const ALPHABET = /^[A-Za-z0-9_-]*$/
// RFC 4648 §3.5: the bits that do not belong to a byte must be zero, or two texts would stand for the same bytes.
const LAST_OF_TWO = /[AQgw]$/
const LAST_OF_THREE = /[AEIMQUYcgkosw048]$/

const buffer = builtin('node:buffer')?.Buffer
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Canonical, unpadded base64url (RFC 7515 §2), or `undefined` for anything else. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (!ALPHABET.test(text)) return undefined
  const rest = text.length % 4
  if (rest === 1) return undefined
  if (rest === 2 && !LAST_OF_TWO.test(text)) return undefined
  if (rest === 3 && !LAST_OF_THREE.test(text)) return undefined
  if (buffer) return buffer.from(text, 'base64url')
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** What somebody less strict than us could read in a text; one byte a character. Never use it to decide that a token is good. */
export function decodeBase64urlLeniently(text: string): string {
  const known = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '')
  // A rest of one character says nothing.
  return atob(known.slice(0, known.length - (known.length % 4 === 1 ? 1 : 0)))
}

/** Strict UTF-8, or `undefined`. A byte order mark is kept, and then is not JSON. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

export function encodeAscii(text: string): Uint8Array {
  return buffer ? buffer.from(text, 'latin1') : encoder.encode(text)
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON object in `text`, or `undefined`. What the parser threw is dropped: its message quotes the input. */
function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The JSON object that a base64url text holds in strict UTF-8 (RFC 7515 §2, RFC 8259 §8.1), or `undefined`. */
export function decodeJsonObject(encoded: string): JsonObject | undefined {
  const bytes = decodeBase64url(encoded)
  const text = bytes && decodeUtf8(bytes)
  return text === undefined ? undefined : parseJsonObject(text)
}

/** Base64url without padding of bytes that stand one in each character. */
export const encodeBase64url = (binary: string): string =>
  btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
