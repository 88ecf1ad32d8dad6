import type { ReplayStore } from 'bearward'
import { type Protection, protection } from '../demo/orders.ts'
import { ORDERS_API } from './clients.ts'

/** Seconds that the API caches an introspection response. */
export const CACHED = 30

/**
 * The used proofs, shared by all three copies of the API like Redis between processes: each proof works only once in all
 * of them. It is never cleared, which is acceptable in a playground.
 */
const used = new Set<string>()
const usedProofs: ReplayStore = {
  firstUse(key) {
    const first = !used.has(key)
    used.add(key)
    return first
  },
}

/** The options of the demo, plus opaque tokens, bound tokens and tokens in forms. */
export function protectionOf(issuer: string): Protection {
  const { id, secret } = ORDERS_API
  const common = protection(issuer)
  return {
    ...common,
    formTokens: 'accept',
    dpop: 'accept',
    mtls: 'accept',
    stores: { replay: usedProofs },
    issuer: {
      ...common.issuer,
      introspection: {
        client: { method: 'client_secret_basic', clientId: id, clientSecret: secret ?? '' },
        cache: { active: CACHED, inactive: 1 },
      },
    },
  }
}
