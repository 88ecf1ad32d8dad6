import type { Emitter } from '../events/emitter.ts'
import type { HeaderLimits } from '../jwt/header.ts'
import type { Fetch } from '../upstream/fetch.ts'
import type { NumericDate } from '../util/time.ts'
import type { SharedStores } from './record-secrets.ts'

/** What all issuers of a server share. */
export interface IssuerContext {
  readonly resource: string
  readonly fetch: Fetch
  readonly limits: HeaderLimits & { readonly keySet: number; readonly keys: number; readonly introspection: number }
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly clock: () => NumericDate
  readonly events: Emitter
  readonly stores: SharedStores
}
