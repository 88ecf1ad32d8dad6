import { ConfigurationError } from '../errors/errors.ts'
import { bytesIn } from '../util/bytes.ts'
import { type Checker, oneOrList } from './validate.ts'

/** Authenticates what processes share: at least 32 random bytes, or a string of at least 32 bytes in UTF-8. */
export type Secret = string | Uint8Array

/** Compilers write `Uint8Array` with a type parameter into declarations, which those before TypeScript 5.7 do not know. */
export interface SecretBytes extends Uint8Array {}

export const LEAST_BYTES = 32

/** The command that creates a secret. */
export const CREATE_SECRET = `create one with: node -p "require('crypto').randomBytes(32).toString('base64url')"`

export const secretBytes: Checker<SecretBytes> = (value, option) => {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : bytesIn(value)
  // The message repeats nothing of it.
  if (bytes === undefined || bytes.length < LEAST_BYTES)
    throw new ConfigurationError(
      option,
      `must be at least ${LEAST_BYTES} random bytes, as a string or a Uint8Array; ${CREATE_SECRET}`,
    )
  return Uint8Array.from(bytes) // of a Buffer, slice() would share the memory
}

/** One secret, or a list: the first seals records, and all open them. */
export const secrets: Checker<readonly SecretBytes[]> = oneOrList(secretBytes)
