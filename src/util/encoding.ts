import { builtin, type NodeBuffer } from './runtime.ts'

const buffer = builtin('node:buffer')?.Buffer
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

// Reused instead of allocating a buffer for each text. Its content is valid only until the next call, so it is never
// passed to asynchronous code.
const WORKSPACE_BYTES = 16_384
const workspace = buffer?.allocUnsafeSlow(WORKSPACE_BYTES)

/**
 * Canonical, unpadded base64url (RFC 7515 §2), or `undefined` for anything else. Decoders ignore unknown characters and
 * trailing bits (RFC 4648 §3.5), so the bytes are encoded again and compared.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (buffer) {
    const bytes = buffer.from(text, 'base64url')
    return bytes.toString('base64url') === text ? bytes : undefined
  }
  const binary = decodeBinary(inBase64(text))
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

/** With the letters of base64 (RFC 4648 §4). */
const inBase64 = (base64url: string): string => base64url.replaceAll('-', '+').replaceAll('_', '/')

function decodeBinary(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

/** What a lenient decoder could read, one byte per character. Never use it to decide that a token is valid. */
export function decodeBase64urlLeniently(text: string): string {
  const base64 = inBase64(text).replace(/[^A-Za-z0-9+/]/g, '')
  // A single trailing character encodes no byte.
  return atob(base64.slice(0, base64.length - (base64.length % 4 === 1 ? 1 : 0)))
}

/** Strict UTF-8, or `undefined`. A byte order mark is preserved, so that the text is not JSON. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * The bytes of the first characters of an ASCII text, valid only **until anything else in this module is called**.
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

/** The member, or `undefined` where the object only inherits one of this name. */
export const ownMember = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** The JSON object in `text`, or `undefined`. The parser's error is dropped, because its message quotes the input. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the first byte that is not white space (RFC 8259 §2) is a brace, so that garbage costs no exception. Bytes
 * beyond `length` belong to an earlier text.
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

/** The same in the shared buffer. */
function decodeInPlace(encoded: string, place: NodeBuffer): string | undefined {
  const length = place.write(encoded, 'base64url')
  if (!beginsObject(place, length) || place.toString('base64url', 0, length) !== encoded) return undefined
  const text = place.toString('utf8', 0, length)
  // Invalid UTF-8 decodes to this character. If the token itself may contain it, the strict decoder decides.
  return text.includes('\ufffd') ? decodeUtf8(place.subarray(0, length)) : text
}

/** Unpadded base64url of a text with one byte per character. */
export const encodeBase64url = (binary: string): string =>
  btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
