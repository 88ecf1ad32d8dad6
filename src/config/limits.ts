import { type Checked, optional, shape } from './shape.ts'
import { whole } from './validate.ts'

/** A number of bytes. */
export type Bytes = number

/** The largest inputs that are read. A number that is out of range is a {@link ConfigurationError}. */
export interface LimitOptions {
  /** The largest access token. Default: `8192`; from 1 to 65536. */
  readonly token?: Bytes
  /** The largest encoded header of a JWT. Default: `2048`; from 1 to 65536. */
  readonly header?: Bytes
  /** The largest form body that is searched for a token, with `formTokens` only. Default: `65536`; from 1 to 16777216. */
  readonly form?: number
  /** The longest `kid`. Default: `256`; from 1 to 4096. */
  readonly keyId?: number
  /** The largest introspection response, after decompression. Default: `65536`; from 1 to 16777216. */
  readonly introspection?: Bytes
  /** The largest key set or metadata document, after decompression. Default: `524288`; from 1 to 16777216. */
  readonly keySet?: Bytes
  /** The most keys in a key set. Default: `100`; from 1 to 10000. */
  readonly keys?: number
  /** The largest DPoP proof. Default: `8192`; from 1 to 65536. */
  readonly proof?: Bytes
}

export type Limits = Checked<typeof limitsShape.members>

const limit = (max: number, unit: string, fallback: number) => optional(whole(1, max, unit), fallback)

export const limitsShape = shape({
  token: limit(65_536, 'bytes', 8192),
  header: limit(65_536, 'bytes', 2048),
  form: limit(16_777_216, 'characters', 65_536),
  keyId: limit(4096, 'characters', 256),
  introspection: limit(16_777_216, 'bytes', 65_536),
  keySet: limit(16_777_216, 'bytes', 524_288),
  keys: limit(10_000, 'keys', 100),
  proof: limit(65_536, 'bytes', 8192),
})
