import { encodeBase64url } from '../../util/encoding.ts'
import { chain, type MaybePromise } from '../../util/maybe-promise.ts'
import { builtin } from '../../util/runtime.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'

/** Values that only we can have given out, and only lately. */
export interface Nonces {
  /** What to give out now. */
  current(): MaybePromise<string>
  /** Whether a proof that holds this was made lately. */
  accepts(nonce: unknown): MaybePromise<boolean>
}

export interface NonceSettings {
  /** Processes with the same secret accept each other's nonces. Whoever knows it can make them: at least 32 random bytes. */
  readonly secret: string | Uint8Array
  /** How long one is given out. It is accepted for as long again. */
  readonly rotate: Seconds
  readonly clock: () => NumericDate
}

/** Some time, and the nonces of the window it lies in and of its neighbours. */
interface Window {
  readonly number: number
  readonly nonces: readonly [before: string, current: string, next: string]
}

/**
 * Nonces without a store: an HMAC over the number of the time window. The window before is accepted, since a client may
 * have got its nonce at the end of it, and the one after, since another process may be ahead of us.
 *
 * One nonce is good for many requests and many clients: it bounds how long ago a proof was made, in our time; that a
 * proof is used once is for the `jti` to see to.
 *
 * @see RFC 9449 §8, §9, §11.3
 */
export function createNonces({ secret, rotate, clock }: NonceSettings): Nonces {
  const mac = createMac(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret.slice())
  let latest: Window | undefined

  const nonceOf = (window: number) => mac(`dpop-nonce ${rotate} ${window}`)

  function window(): MaybePromise<Window> {
    const number = Math.floor(clock() / rotate)
    if (latest?.number === number) return latest
    return chain(nonceOf(number - 1), (before) =>
      chain(nonceOf(number), (current) =>
        chain(nonceOf(number + 1), (next) => {
          latest = { number, nonces: [before, current, next] }
          return latest
        }),
      ),
    )
  }

  return {
    current: () => chain(window(), ({ nonces }) => nonces[1]),
    accepts: (nonce) =>
      typeof nonce === 'string' &&
      chain(window(), ({ nonces }) => nonces.reduce((known, one) => equal(one, nonce) || known, false)),
  }
}

/** In a time that does not depend on where they differ: nobody finds a nonce out one character after the other. */
function equal(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** HMAC-SHA-256 in base64url, whose characters RFC 9449 §8.1 allows. */
function createMac(secret: Uint8Array): (text: string) => MaybePromise<string> {
  const createHmac = builtin('node:crypto')?.createHmac
  if (createHmac) return (text) => createHmac('sha256', secret).update(text).digest('base64url')
  const { subtle } = crypto
  const key = subtle.importKey('raw', secret as Uint8Array<ArrayBuffer>, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  key.catch(() => undefined) // it is reported to whoever wants a nonce
  return async (text) => {
    const mac = await subtle.sign('HMAC', await key, new TextEncoder().encode(text))
    return encodeBase64url(String.fromCharCode(...new Uint8Array(mac)))
  }
}
