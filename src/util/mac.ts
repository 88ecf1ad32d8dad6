import { encodeBase64url } from './encoding.ts'
import { builtin } from './runtime.ts'

/** The HMAC-SHA-256 of a text, in base64url. */
export type Mac = (text: string) => string | Promise<string>

/** Synchronous where Node's crypto is available. */
export function createMac(secret: Uint8Array): Mac {
  const createHmac = builtin('node:crypto')?.createHmac
  if (createHmac) return (text) => createHmac('sha256', secret).update(text).digest('base64url')
  const { subtle } = crypto
  const key = subtle.importKey('raw', secret as Uint8Array<ArrayBuffer>, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  key.catch(() => undefined) // every call that needs it reports it
  return async (text) => {
    const mac = await subtle.sign('HMAC', await key, new TextEncoder().encode(text))
    return encodeBase64url(String.fromCharCode(...new Uint8Array(mac)))
  }
}

/** Compares in constant time, so that no value can be guessed one character at a time. */
export function equalsInConstantTime(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}
