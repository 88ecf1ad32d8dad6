import { encodeBase64url } from './encoding.ts'
import { chain, type MaybePromise } from './maybe-promise.ts'
import { builtin } from './runtime.ts'

const hash = builtin('node:crypto')?.hash

/**
 * The name under which facts about a token are kept: a full SHA-256, so that nobody can make two tokens share one, and
 * so that the cache holds no tokens. One byte a character: short, and never seen outside of this process.
 */
export function digestOf(token: string): MaybePromise<string> {
  return hash ? hash('sha256', token, 'latin1') : webDigest(token)
}

/** The same in base64url, for places outside of this process. */
export function textDigestOf(text: string): MaybePromise<string> {
  return chain(digestOf(text), encodeBase64url)
}

async function webDigest(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return String.fromCharCode(...new Uint8Array(digest))
}
