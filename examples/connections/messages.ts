// What clients of the WebSocket programs send and receive: JSON texts.

import type { HeldToken } from './held-token.ts'

const orders = [{ id: 1, item: 'tea' }]

/** The largest message, in bytes: one with a token. */
export const MAX_BYTES = 16_384

/**
 * Handles a message: `{ "event": "orders" }`, or `{ "event": "renew", "data": { "token": … } }` with a new token.
 *
 * @returns the response, or `undefined` without one
 */
export async function responseTo(text: string, held: HeldToken): Promise<string | undefined> {
  const { event, data } = parse(text)
  // Before and after each wait: the token may have ended.
  if (event === 'orders' && held.current) return JSON.stringify({ event, data: { orders, for: held.current.subject } })
  if (event !== 'renew' || !held.current) return undefined
  const isRenewed = await held.renew(data?.token)
  return held.current && JSON.stringify({ event: isRenewed ? 'renewed' : 'not_renewed' })
}

function parse(text: string): { readonly event?: unknown; readonly data?: { readonly token?: unknown } } {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
