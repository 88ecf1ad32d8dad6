import type { CacheSize } from '../../config/cache-size.ts'
import type { Emitter } from '../../events/emitter.ts'
import type { StoreSettings } from '../../stores/options.ts'
import type { NumericDate, Seconds } from '../../util/time.ts'
import { keepAlive } from '../../util/wait-until.ts'
import { createResponseCache, type IntrospectionCache } from './introspection-cache.ts'
import { createLocalCache } from './local-cache.ts'
import { createSharedCache } from './shared-cache.ts'
import { createSharedSource } from './shared-source.ts'
import { createIssuerSource } from './source.ts'

export interface IntrospectionCacheSettings {
  readonly cacheSize: Pick<CacheSize, 'active' | 'inactive'>
  readonly clock: () => NumericDate
  readonly stores: Pick<StoreSettings, 'introspection'>
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
}

/**
 * Introspection responses in three layers: the cache of this process, a shared store, the issuers.
 *
 * @param revocation has the longest time for which a response is used
 */
export function createIntrospectionCache(
  { cacheSize, clock, stores, waitUntil }: IntrospectionCacheSettings,
  events: Emitter,
  revocation: { readonly maxLifetime: Seconds } | undefined,
): IntrospectionCache {
  const source = stores.introspection
    ? createSharedSource(createSharedCache(stores.introspection, clock, events), clock, (work) =>
        keepAlive(waitUntil, work),
      )
    : createIssuerSource(clock)
  return createResponseCache(createLocalCache(cacheSize), source, clock, revocation?.maxLifetime)
}
