import { builtin, type NodeBuffer } from './runtime.ts'

const buffer = builtin('node:buffer')?.Buffer
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

// A place to work in, instead of a buffer for each text: what stands in it counts until the next text, and is never
// handed on to anything that could wait.
const WORKSPACE_BYTES = 16_384
const workspace = buffer?.allocUnsafeSlow(WORKSPACE_BYTES)

/**
 * Canonical, unpadded base64url (RFC 7515 §2), or `undefined` for anything else. Decoders pass over what they do not
 * know, and over bits that belong to no byte (RFC 4648 §3.5); only the canonical text comes back when the bytes are
 * encoded again.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (buffer) {
    const bytes = buffer.from(text, 'base64url')
    return bytes.toString('base64url') === text ? bytes : undefined
  }
  const binary = decodeBinary(text.replaceAll('-', '+').replaceAll('_', '/'))
  if (binary === undefined || encodeBase64url(binary) !== text) return undefined
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Canonical base64 with its padding (RFC 4648 §4), or `undefined` for anything else, as with base64url. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (buffer) {
    const bytes = buffer.from(text, 'base64')
    return bytes.toString('base64') === text ? bytes : undefined
  }
  const binary = decodeBinary(text)
  if (binary === undefined || btoa(binary) !== text) return undefined
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function decodeBinary(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

/** What a more lenient decoder could read in a text; one byte per character. Never use it to decide that a token is valid. */
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

/**
 * The bytes of the first characters of an ASCII text, valid **until anything else here is called**: only for callers
 * that are done with them before that.
 */
export function passingBytes(text: string, length: number): Uint8Array {
  if (!workspace || text.length > WORKSPACE_BYTES) return encoder.encode(text.slice(0, length))
  workspace.write(text, 'latin1')
  return workspace.subarray(0, length)
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON object in `text`, or `undefined`. What the parser threw is dropped: its message quotes the input. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the first byte that is no white space (RFC 8259 §2) is a brace. Garbage ends here, and costs no exception.
 * What stands behind the text in the same place is not looked at.
 */
function beginsObject(bytes: Uint8Array, length: number): boolean {
  let at = 0
  while (at < length && WHITE_SPACE.includes(bytes[at] as number)) at++
  return at < length && bytes[at] === 0x7b
}

const WHITE_SPACE = [0x20, 0x09, 0x0a, 0x0d]

/** The JSON object that a base64url text holds in strict UTF-8 (RFC 7515 §2, RFC 8259 §8.1), or `undefined`. */
export function decodeJsonObject(encoded: string): JsonObject | undefined {
  const text = decodeText(encoded)
  return text === undefined ? undefined : parseJsonObject(text)
}

/** The strict UTF-8 that a base64url text holds, if it can be a JSON object. */
export function decodeText(encoded: string): string | undefined {
  if (workspace && encoded.length <= WORKSPACE_BYTES) return decodeInPlace(encoded, workspace)
  const bytes = decodeBase64url(encoded)
  return bytes && beginsObject(bytes, bytes.length) ? decodeUtf8(bytes) : undefined
}

/** The same without a buffer of its own. Most tokens are ASCII, whose decoding leaves no mark of replacement. */
function decodeInPlace(encoded: string, place: NodeBuffer): string | undefined {
  const length = place.write(encoded, 'base64url')
  if (!beginsObject(place, length) || place.toString('base64url', 0, length) !== encoded) return undefined
  const text = place.toString('utf8', 0, length)
  // Bytes that are no UTF-8 are replaced by this character. Where the token itself holds it, a second look decides.
  return text.includes('\ufffd') ? decodeUtf8(place.subarray(0, length)) : text
}

/** Base64url without padding of bytes that stand one in each character. */
export const encodeBase64url = (binary: string): string =>
  btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
