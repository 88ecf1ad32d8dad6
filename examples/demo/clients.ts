import { randomUUID } from 'node:crypto'

/** A client that is registered at the authorization server. */
export interface Client {
  readonly id: string
  readonly secret: string
  /** The most it may ask for. */
  readonly scope: string
  /** Seconds that its tokens live. */
  readonly lifetime: number
}

// Secrets that last as long as the process and are printed nowhere.
const register = (id: string, scope: string, lifetime: number): Client => ({
  id,
  secret: randomUUID(),
  scope,
  lifetime,
})

const HOUR = 3600

/** May look. */
export const READER = register('reader', 'read:orders', HOUR)
/** May look and order. */
export const CLERK = register('clerk', 'read:orders write:orders', HOUR)
/** May look, for a moment. */
export const VISITOR = register('visitor', 'read:orders', 3)

export const CLIENTS: readonly Client[] = [READER, CLERK, VISITOR]
