import { type Secret, secrets } from '../config/secret.ts'
import { type Checked, optional, shape } from '../config/shape.ts'
import { type Checker, func, withMethods } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { IntrospectionStore } from './introspection-store.ts'
import type { ReplayStore } from './replay-store.ts'

/** What several processes share. Without a store, each process has its own cache. */
export interface StoreOptions {
  /** Introspection responses, behind the cache of each process. `bearward/redis` has one. */
  readonly introspection?: IntrospectionStore
  /** Used DPoP proofs. Without it, a proof can be used once in each process. `bearward/redis` has one. */
  readonly replay?: ReplayStore
  /**
   * Authenticates introspection responses and revocations in shared stores: at least 32 random bytes, the same in all
   * processes. Default for introspection responses: client secrets of at least 32 bytes. In a list, the first secret
   * authenticates new records, and records of every secret are accepted. To replace a secret, add the new one at the end in
   * all processes, then move it to the front in all, then remove the old one.
   */
  readonly secret?: Secret | readonly Secret[]
}

const replayStore = withMethods<ReplayStore>('a store with firstUse(), such as redisStores(client).replay', 'firstUse')

const readWrite = withMethods<IntrospectionStore>(
  'a cache with get() and set(), such as redisStores(client).introspection',
  'get',
  'set',
)

const introspectionStore: Checker<IntrospectionStore> = (value, option) => {
  const cache = readWrite(value, option)
  for (const name of ['delete', 'claim', 'release'] as const) {
    if (name in cache && cache[name] !== undefined) func(cache[name], `${option}.${name}`)
  }
  if (!cache.claim !== !cache.release)
    throw new ConfigurationError(option, 'must have both claim() and release(), or neither')
  return cache
}

export const storesShape = shape({
  introspection: optional(introspectionStore),
  replay: optional(replayStore),
  secret: optional(secrets),
})

export type StoreSettings = Checked<typeof storesShape.members>
