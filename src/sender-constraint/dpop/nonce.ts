import { createMac, equalsInConstantTime } from '../../util/mac.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'

/** Server-provided nonces, which prove that a proof was created recently. */
export interface Nonces {
  /** The nonce to issue now. */
  current(): Promise<string>
  /** Whether a proof with this nonce was created recently. */
  accepts(nonce: unknown): Promise<boolean>
}

export interface NonceSettings {
  /** Processes with the same secret accept each other's nonces. Anyone who knows it can create them: at least 32 random bytes. */
  readonly secret: Uint8Array
  /** How long a nonce is issued. It is accepted for the same time again. */
  readonly rotate: Seconds
  readonly clock: () => NumericDate
}

/** A time window, with its nonce and those of the adjacent windows. */
interface Window {
  readonly number: number
  readonly nonces: readonly [before: string, current: string, next: string]
}

/**
 * Nonces without a store: an HMAC over the number of the time window. The previous window is accepted, because a client
 * may have got its nonce at the end of it. So is the next window, because the clock of another process may be ahead.
 *
 * A nonce serves many requests and many clients. It limits the age of a proof by our clock; the `jti` prevents replay.
 *
 * @see RFC 9449 §8, §9, §11.3
 */
export function createNonces({ secret, rotate, clock }: NonceSettings): Nonces {
  const mac = createMac(secret)
  let latest: Window | undefined

  const nonceOf = (window: number) => mac(`dpop-nonce ${rotate} ${window}`)

  async function window(): Promise<Window> {
    const number = Math.floor(clock() / rotate)
    if (latest?.number === number) return latest
    const nonces = [await nonceOf(number - 1), await nonceOf(number), await nonceOf(number + 1)] as const
    latest = { number, nonces }
    return latest
  }

  return {
    current: async () => (await window()).nonces[1],
    async accepts(nonce) {
      if (typeof nonce !== 'string') return false
      const { nonces } = await window()
      return nonces.reduce((found, one) => equalsInConstantTime(one, nonce) || found, false)
    },
  }
}
