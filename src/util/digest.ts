import { encodeBase64url } from './encoding.ts'
import { builtin } from './runtime.ts'

const hash = builtin('node:crypto')?.hash

/**
 * The cache key of a token: a full SHA-256, so that no two tokens share one, and the caches contain no tokens. It has one
 * byte per character, and is used only inside this process.
 */
export function digestOf(token: string): string | Promise<string> {
  return hash ? hash('sha256', token, 'latin1') : webDigest(token)
}

/** The same in base64url, for use outside of this process. */
export const textDigestOf = async (text: string): Promise<string> => encodeBase64url(await digestOf(text))

async function webDigest(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return String.fromCharCode(...new Uint8Array(digest))
}
