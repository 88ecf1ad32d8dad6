import { Refusal } from '../../errors/refusal.ts'
import { monotonicNow } from '../../util/runtime.ts'
import type { NumericDate } from '../../util/time.ts'
import { type CachedResponse, isYoung, lifetimeOf } from './local-cache.ts'
import { type SharedCache, sharedKeyOf } from './shared-cache.ts'
import { type IntrospectionRequest, type IntrospectionSource, introspectAtIssuer, type Requirements } from './source.ts'
import { ageOf, timestampOf } from './timestamp.ts'

// Milliseconds: allowed for all store operations of one introspection; between two polls for another process' response.
const STORE_TIME = 250
const POLL = 20

/**
 * Finds responses in the shared store, and otherwise introspects.
 *
 * @param keepAlive receives work that continues after the response
 */
export function createSharedSource(
  store: SharedCache,
  clock: () => NumericDate,
  keepAlive: (work: Promise<unknown>) => void,
): IntrospectionSource {
  const writes = new Map<string, Promise<void>>()

  async function find(request: IntrospectionRequest, required: Requirements): Promise<CachedResponse | Refusal> {
    const key = await sharedKeyOf(request.introspector.records, request.raw)
    const found = required.maxAge > 0 ? await look(key, request, required) : undefined
    if (found) return found
    // Processes take turns only if the response will be shared.
    const takesTurns = required.maxAge > 0 && request.introspector.cache.active > 0
    const turn = takesTurns ? await takeTurn(key, request, required) : 'free'
    if (turn !== 'mine' && turn !== 'free') return turn
    try {
      const entry = await introspectAtIssuer(request, clock)
      if (required.isCurrent() && !(entry instanceof Refusal)) share(key, entry, request)
      return entry
    } finally {
      if (turn === 'mine') keepAlive((writes.get(key) ?? Promise.resolve()).then(() => store.release(key)))
    }
  }

  /**
   * Processes that receive a token at the same time introspect it once: one claims it, the others wait for its response,
   * or claim it themselves if it fails. If the store cannot claim, each process introspects.
   */
  async function takeTurn(
    key: string,
    request: IntrospectionRequest,
    required: Requirements,
  ): Promise<CachedResponse | 'mine' | 'free'> {
    const { deadline } = request.introspector
    const end = monotonicNow() + deadline
    for (;;) {
      const claim = await store.claim(key, deadline + STORE_TIME)
      if (claim === 'unknown') return 'free'
      // Also after a claim: another process may have shared its response and released since our last poll.
      const found = await look(key, request, required)
      if (found && claim === 'mine') keepAlive(store.release(key))
      if (found) return found
      if (claim === 'mine') return 'mine'
      if (monotonicNow() > end || request.introspector.isOpen()) return 'free'
      await new Promise((resolve) => setTimeout(resolve, POLL))
    }
  }

  async function look(
    key: string,
    { issuer, introspector }: IntrospectionRequest,
    required: Requirements,
  ): Promise<CachedResponse | undefined> {
    const record = await store.find(key, introspector.records.sealer)
    if (!record || record.requestedAt <= required.newerThan) return undefined
    const requestedAt = timestampOf(record.requestedAt, clock())
    const entry: CachedResponse = { issuer, response: record.response, requestedAt, verified: undefined }
    return isYoung(entry, required.maxAge) ? entry : undefined
  }

  /** Writes in the background: no request waits for it. */
  function share(key: string, entry: CachedResponse, { issuer, introspector }: IntrospectionRequest): void {
    const { response, requestedAt } = entry
    const young = lifetimeOf(entry) - ageOf(requestedAt)
    const expiry = response.active ? response.claims.exp : undefined
    const valid = typeof expiry === 'number' ? expiry + issuer.clockTolerance - clock() : young
    const writing = store
      .keep(key, { response, requestedAt: requestedAt.wall }, introspector.records.sealer, Math.min(young, valid))
      .finally(() => {
        if (writes.get(key) === writing) writes.delete(key)
      })
    writes.set(key, writing)
    keepAlive(writing)
  }

  return {
    isShared: true,
    // The introspection of another process may precede our own.
    timeout: ({ deadline }) => 2 * deadline + STORE_TIME,
    find,
    async forget({ introspector, raw }) {
      const key = await sharedKeyOf(introspector.records, raw)
      await writes.get(key) // a pending write would restore the record
      return store.forget(key)
    },
  }
}
