import { optional, record, whole } from './validate.ts'

/** A number of bytes. */
export type Bytes = number

/** The largest inputs that are read. A number that is out of range is a {@link ConfigurationError}. */
export interface LimitOptions {
  /** The largest access token. Default: 8192. */
  readonly token?: Bytes
  /** The largest encoded header of a JWT. Default: 2048. */
  readonly header?: Bytes
  /** The largest form body that is searched for a token, in characters; with `formTokens` only. Default: 65536. */
  readonly form?: Bytes
  /** The longest `kid`, in characters. Default: 256. */
  readonly keyId?: number
  /** The largest introspection response, after decompression. Default: 65536. */
  readonly introspection?: Bytes
  /** The largest key set or metadata document, after decompression. Default: 524288. */
  readonly keySet?: Bytes
  /** The most members of a key set. Default: 100. */
  readonly keys?: number
  /** The largest DPoP proof. Default: 8192. */
  readonly proof?: Bytes
}

export interface Limits {
  readonly token: number
  readonly header: number
  readonly form: number
  readonly keyId: number
  readonly introspection: number
  readonly keySet: number
  readonly keys: number
  readonly proof: number
}

const LIMITS: readonly (keyof Limits)[] = [
  'token',
  'header',
  'form',
  'keyId',
  'introspection',
  'keySet',
  'keys',
  'proof',
]

export function checkLimits(value: unknown): Limits {
  const from = record(value, 'limits', LIMITS)
  const limit = (name: keyof Limits, max: number, unit: string, fallback: number) =>
    optional(from, 'limits', name, whole(1, max, unit), fallback)
  return Object.freeze({
    token: limit('token', 65_536, 'bytes', 8192),
    header: limit('header', 65_536, 'bytes', 2048),
    form: limit('form', 16_777_216, 'characters', 65_536),
    keyId: limit('keyId', 4096, 'characters', 256),
    introspection: limit('introspection', 16_777_216, 'bytes', 65_536),
    keySet: limit('keySet', 16_777_216, 'bytes', 524_288),
    keys: limit('keys', 10_000, 'keys', 100),
    proof: limit('proof', 65_536, 'bytes', 8192),
  })
}
