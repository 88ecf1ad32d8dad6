import { type Protection, protection } from '../demo/orders.ts'
import { ORDERS_API } from './clients.ts'

/** Seconds that the API remembers what the authorization server said about an opaque token. */
export const REMEMBERED = 30

/** As in the demonstration, and also: opaque tokens, and tokens in forms, so that one can see what becomes of them. */
export function protectionOf(issuer: string): Protection {
  const { id, secret } = ORDERS_API
  const common = protection(issuer)
  return {
    ...common,
    formTokens: 'accept',
    issuer: {
      ...common.issuer,
      introspection: {
        client: { method: 'client_secret_basic', clientId: id, clientSecret: secret ?? '' },
        active: REMEMBERED,
        inactive: 1,
      },
    },
  }
}
