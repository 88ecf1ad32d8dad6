import { type Checker, func, optional, record, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { IntrospectionStore } from './introspection-store.ts'
import type { ReplayStore } from './replay-store.ts'

/** What several processes share. Without a store, each process has a memory of its own. */
export interface StoreOptions {
  /** What issuers said about opaque tokens, behind a memory of our own. `bearward/redis` makes one. */
  readonly introspection?: IntrospectionStore
  /**
   * The DPoP proofs that have been used. Without it each process remembers its own, and a proof can be used once in each.
   * `bearward/redis` makes one.
   */
  readonly replay?: ReplayStore
}

export interface StoreSettings {
  readonly introspectionStore: IntrospectionStore | undefined
  readonly replayStore: ReplayStore | undefined
}

export function checkStores(value: unknown): StoreSettings {
  const from = record(value, 'stores', ['introspection', 'replay'])
  return {
    introspectionStore: optional(from, 'stores', 'introspection', introspectionStore, undefined),
    replayStore: optional(from, 'stores', 'replay', replayStore, undefined),
  }
}

const replayStore: Checker<ReplayStore> = (value, option) => {
  if (typeof (value as ReplayStore | null | undefined)?.firstUse !== 'function')
    throw wrong(option, value, 'a store with firstUse(), such as redisStores(client).replay')
  return value as ReplayStore
}

const introspectionStore: Checker<IntrospectionStore> = (value, option) => {
  const cache = value as IntrospectionStore | null | undefined
  if (typeof cache?.get !== 'function' || typeof cache.set !== 'function')
    throw wrong(option, value, 'a cache with get() and set(), such as redisStores(client).introspection')
  for (const name of ['delete', 'claim', 'release'] as const) {
    if (name in cache && cache[name] !== undefined) func(cache[name], `${option}.${name}`)
  }
  if (!cache.claim !== !cache.release)
    throw new ConfigurationError(option, 'must have both claim() and release(), or neither')
  return cache
}
