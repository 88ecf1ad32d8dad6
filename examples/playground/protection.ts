import type { ReplayStore } from 'bearward'
import { type Revocations, revocation } from 'bearward/revocation'
import { type Protection, protection } from '../demo/orders.ts'
import { ORDER_BOARD, ORDERS_API } from './clients.ts'

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

/** What all copies of the API refuse because a user has signed out. */
export const createRevocations = (): Revocations => revocation({ logout: { clients: ORDER_BOARD.id } })

/** The options of the demo, plus opaque tokens, bound tokens, tokens in forms and revocations. */
export function protectionOf(issuer: string, revoked: Revocations = createRevocations()): Protection {
  const { id, secret } = ORDERS_API
  const common = protection(issuer)
  return {
    ...common,
    formTokens: 'accept',
    dpop: 'accept',
    mtls: 'accept',
    stores: { replay: usedProofs },
    revocation: revoked,
    issuer: {
      ...common.issuer,
      introspection: {
        client: { method: 'client_secret_basic', clientId: id, clientSecret: secret ?? '' },
        cache: { active: CACHED, inactive: 1 },
      },
    },
  }
}
