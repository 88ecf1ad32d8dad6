import type { Emitter } from '../events.ts'
import type { Fetch } from '../http/bounded-fetch.ts'
import type { HeaderLimits } from '../jwt/header.ts'
import type { NumericDate } from '../platform/time.ts'

/** What all issuers of a server share. */
export interface IssuerContext {
  readonly resource: string
  readonly fetch: Fetch
  readonly limits: HeaderLimits & { readonly keySet: number; readonly keys: number; readonly introspection: number }
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly clock: () => NumericDate
  readonly events: Emitter
}
