import type { IssuerState } from './issuer.ts'

/**
 * Whether tokens can be verified now. `starting`: no keys have been loaded yet, and no attempt has failed. `ready`: tokens of
 * every issuer. `degraded`: of some issuers, or with stale keys, or only one of the two formats of an issuer.
 * `unavailable`: of none.
 */
export type Availability = 'starting' | 'ready' | 'degraded' | 'unavailable'

/** The availability of a server with these issuers. */
export function availabilityOf(issuers: readonly IssuerState[]): Availability {
  const each = issuers.map(availabilityOfIssuer)
  if (each.every((one) => one === 'ready')) return 'ready'
  if (each.some(isUsable)) return 'degraded'
  return each.includes('starting') ? 'starting' : 'unavailable'
}

/** True if tokens of at least one issuer can be verified. */
export const isUsable = (availability: Availability): boolean => availability === 'ready' || availability === 'degraded'

function availabilityOfIssuer({ keys, introspection }: IssuerState): Availability {
  const jwts = availabilityOfKeys(keys)
  if (!introspection || jwts === 'starting') return jwts
  const opaque = introspection.status === 'closed' ? 'ready' : 'unavailable'
  if (keys.status === 'none' || jwts === opaque) return opaque
  return 'degraded'
}

function availabilityOfKeys({ status, lastError }: IssuerState['keys']): Availability {
  if (status === 'fresh' || status === 'none') return 'ready'
  if (status === 'stale') return 'degraded'
  if (lastError) return 'unavailable'
  // The keys of a process without traffic expire: the next request loads them.
  return status === 'expired' ? 'degraded' : 'starting'
}
