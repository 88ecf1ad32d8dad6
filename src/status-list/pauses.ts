import { LRUCache } from 'lru-cache'
import type { StatusListHost } from '../issuers/status-list.ts'
import type { Closing } from '../upstream/shutdown.ts'
import type { UpstreamError } from '../upstream/upstream-error.ts'
import { LONG_AGO } from '../util/time.ts'

/** How often loading a list has failed since it last succeeded, and until when it is not tried again. */
export interface Pause {
  failures: number
  /** In milliseconds on a clock that never jumps. */
  notBefore: number
  lastError: UpstreamError | undefined
}

export const NO_PAUSE: Readonly<Pause> = { failures: 0, notBefore: LONG_AGO, lastError: undefined }

const MAX_PAUSES = 1000

// All issuers of a server have the same `closing`.
const pausesOf = new WeakMap<Closing, LRUCache<string, Pause>>()

/**
 * The pause of a list of one issuer. It outlives an issuer that is evicted: tokens decide which issuers are loaded, and the
 * limits of what is sent must not start again with that.
 */
export function pauseOf({ closing, issuer }: Pick<StatusListHost, 'closing' | 'issuer'>, uri: string): Pause {
  const pauses = pausesOf.get(closing) ?? new LRUCache({ max: MAX_PAUSES })
  pausesOf.set(closing, pauses)
  const key = JSON.stringify([issuer, uri])
  const pause = pauses.get(key) ?? { ...NO_PAUSE }
  pauses.set(key, pause)
  return pause
}
