import { optional, record, whole } from './validate.ts'

/** A number of bytes. */
export type Bytes = number

/**
 * How large things may be, and how much is remembered. A number that is out of range is a {@link ConfigurationError}.
 */
export interface LimitOptions {
  /** The largest access token. Default: 8192. */
  readonly token?: Bytes
  /** The largest encoded header of a JWT. Default: 2048. */
  readonly header?: Bytes
  /** The largest form body that is searched for a token, in characters; with `formTokens` only. Default: 65536. */
  readonly form?: Bytes
  /** The longest `kid`, in characters. Default: 256. */
  readonly keyId?: number
  /**
   * How many verified tokens are remembered, each until it expires or its key is withdrawn: so many that came once, and as
   * many that came again. 0 for none. Default: 10000.
   */
  readonly verified?: number
  /** How many tokens that an issuer called active are remembered; 0 for none. Default: 10000. */
  readonly active?: number
  /** How many that it called inactive, in a memory of their own; 0 for none. Default: 10000. */
  readonly inactive?: number
  /** The largest introspection answer, after decompression. Default: 65536. */
  readonly introspection?: Bytes
  /** The largest key set or metadata document, after decompression. Default: 524288. */
  readonly keySet?: Bytes
  /** The most members of a key set. Default: 100. */
  readonly keys?: number
  /** The largest DPoP proof. Default: 8192. */
  readonly proof?: Bytes
  /**
   * How many used DPoP proofs are remembered without a store; where that is not enough, 503. One key gets a sixth of that
   * at most, and less the less is free. Default: 100000.
   */
  readonly replay?: number
}

export interface Limits {
  readonly token: number
  readonly header: number
  readonly form: number
  readonly keyId: number
  readonly verified: number
  readonly active: number
  readonly inactive: number
  readonly introspection: number
  readonly keySet: number
  readonly keys: number
  readonly proof: number
  readonly replay: number
}

const LIMITS: readonly (keyof Limits)[] = [
  'token',
  'header',
  'form',
  'keyId',
  'verified',
  'active',
  'inactive',
  'introspection',
  'keySet',
  'keys',
  'proof',
  'replay',
]

export function checkLimits(value: unknown): Limits {
  const from = record(value, 'limits', LIMITS)
  const limit = (name: keyof Limits, most: number, unit: string, fallback: number) =>
    optional(from, 'limits', name, whole(1, most, unit), fallback)
  return Object.freeze({
    token: limit('token', 65_536, 'bytes', 8192),
    header: limit('header', 65_536, 'bytes', 2048),
    form: limit('form', 16_777_216, 'characters', 65_536),
    keyId: limit('keyId', 4096, 'characters', 256),
    verified: optional(from, 'limits', 'verified', whole(0, 1_000_000, 'tokens'), 10_000),
    active: optional(from, 'limits', 'active', whole(0, 1_000_000, 'tokens'), 10_000),
    inactive: optional(from, 'limits', 'inactive', whole(0, 1_000_000, 'tokens'), 10_000),
    introspection: limit('introspection', 16_777_216, 'bytes', 65_536),
    keySet: limit('keySet', 16_777_216, 'bytes', 524_288),
    keys: limit('keys', 10_000, 'keys', 100),
    proof: limit('proof', 65_536, 'bytes', 8192),
    replay: limit('replay', 10_000_000, 'proofs', 100_000),
  })
}
