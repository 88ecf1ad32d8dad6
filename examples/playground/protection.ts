import type { ReplayStore } from 'bearward'
import { type Protection, protection } from '../demo/orders.ts'
import { ORDERS_API } from './clients.ts'

/** Seconds that the API remembers what the authorization server said about an opaque token. */
export const CACHED = 30

/**
 * The proofs that have been used, in one place for all three copies of the API, as Redis would be for processes: what one
 * has seen, the others refuse. It forgets nothing, which a playground can afford.
 */
const used = new Set<string>()
const usedProofs: ReplayStore = {
  firstUse(key) {
    const first = !used.has(key)
    used.add(key)
    return first
  },
}

/** As in the demonstration, and also: opaque tokens, bound ones, and tokens in forms, so that one can see what becomes of them. */
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
