import { errorOf } from '../errors/error-of-refusal.ts'
import { invalidToken, type Refusal, unavailable } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { type SharedWork, startSharedWork } from '../util/single-flight.ts'
import { FOREVER, LONG_AGO } from '../util/time.ts'
import { keepAlive } from '../util/wait-until.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type JwksCacheTimes, pauseAfter, refreshPoint } from './freshness.ts'
import type { KeySource } from './jwks-source.ts'
import type { KeyIndex } from './key-index.ts'
import type { KeysState } from './keys-state.ts'

// Why: docs/decisions/key-sets.md

export interface JwksCacheSettings {
  readonly source: KeySource
  readonly jwksCache: JwksCacheTimes
  /** Reads a key set, and reports skipped keys and changes itself. */
  readonly read: (
    json: unknown,
    algorithms: readonly JwsAlgorithm[] | undefined,
    previous: KeyIndex | undefined,
  ) => Promise<KeyIndex>
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number
  /** Milliseconds within which the source responds or fails. */
  readonly deadline: number
  /** Receives a refresh that continues after the response to the request that started it. */
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
}

interface Loaded {
  readonly index: KeyIndex
  readonly at: number
  /** Milliseconds from `at`. */
  readonly lifetime: number
  /** From when on the set is refreshed in the background. */
  readonly refreshAt: number
}

/** Milliseconds for which requests wait for the refresh of an expired set. */
const MAX_WAIT = 300

/**
 * The keys of one issuer. They are loaded once for all waiting requests, refreshed in the background before they become
 * stale, and used while stale during an outage (RFC 5861). No sequence of tokens can cause more fetches than cooldown and
 * back-off allow. There are no timers: requests drive it, so an idle process does nothing.
 */
export class JwksCache implements SigningKeys {
  // First what each use of a cached token reads: with many issuers, what that costs is the memory that is read for it.
  readonly #now: () => number
  /** The key that was current most recently, and until when only another set can change that. */
  #current: VerificationKey | undefined
  #currentUntil = LONG_AGO
  #loaded: Loaded | undefined
  readonly #options: JwksCacheSettings
  readonly #staleIfError: number
  readonly #cooldown: number
  #refreshing: SharedWork<void> | undefined
  #forcedAt = LONG_AGO
  #failures = 0
  #failedAt = LONG_AGO
  /** When the set was fetched that could not be used. */
  #unusableAt: number | undefined
  #lastError: UpstreamError | undefined
  #notBefore = LONG_AGO

  constructor(options: JwksCacheSettings) {
    this.#options = options
    this.#now = options.now
    this.#staleIfError = options.jwksCache.staleIfError * 1000
    this.#cooldown = options.jwksCache.cooldown * 1000
  }

  cached(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[] | undefined {
    const now = this.#now()
    const loaded = this.#usable(now)
    if (!loaded || this.#refreshIfDue(loaded, now) > 0) return undefined
    const found = loaded.index.find(algorithm, kid)
    return found.length > 0 ? found : undefined
  }

  async find(algorithm: JwsAlgorithm, kid: string | undefined): Promise<readonly VerificationKey[] | Refusal> {
    const now = this.#now()
    const loaded = this.#usable(now)
    const wait = loaded ? this.#refreshIfDue(loaded, now) : 0
    if (wait > 0) await withTimeout(wait, this.#refresh(), () => undefined)
    const refusal = this.#usable() ? undefined : await this.#load()
    if (refusal) return refusal
    const found = this.#loaded?.index.find(algorithm, kid) ?? []
    return found.length > 0 ? found : this.#refreshForUnknownKid(algorithm, kid)
  }

  refreshAndFind(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]> | undefined {
    const untried = () => this.#loaded?.index.find(algorithm, kid).filter((key) => !tried.includes(key)) ?? []
    // A refresh may have completed while the signature was checked.
    const found = untried()
    return found.length > 0 ? Promise.resolve(found) : this.#forced()?.then(untried)
  }

  isCurrent(key: VerificationKey): boolean {
    const now = this.#now()
    if (key === this.#current && now < this.#currentUntil) return true
    const loaded = this.#loaded
    if (loaded?.index.has(key) !== true) return false
    if (now < loaded.refreshAt) {
      this.#current = key
      this.#currentUntil = loaded.refreshAt
      return true
    }
    // While a request would have to wait for a refresh, no key counts as current.
    return this.#usable(now) !== undefined && this.#refreshIfDue(loaded, now) === 0
  }

  /**
   * Loads the keys if there are none yet.
   *
   * @throws {Unavailable}
   */
  async ready(): Promise<void> {
    const refusal = this.#usable() ? undefined : await this.#load()
    if (refusal) throw errorOf(refusal)
  }

  state(): KeysState {
    const now = this.#now()
    const loaded = this.#loaded
    const age = loaded && now - loaded.at
    const status =
      !loaded || age === undefined ? 'empty' : age < loaded.lifetime ? 'fresh' : this.#usable() ? 'stale' : 'expired'
    return {
      status,
      count: loaded?.index.entries.length ?? 0,
      age: age === undefined ? undefined : age / 1000,
      lastError: this.#lastError,
      retryIn: Math.max(0, this.#notBefore - now) / 1000,
    }
  }

  /** The loaded set while it may be used: fresh, or stale within the limit (RFC 5861 §4). */
  #usable(now = this.#now()): Loaded | undefined {
    const loaded = this.#loaded
    return loaded && now - loaded.at < loaded.lifetime + this.#staleIfError ? loaded : undefined
  }

  /** Without a usable set, all requests wait for one load, or are refused until the next attempt is allowed. */
  async #load(): Promise<Refusal | undefined> {
    if (this.#pending() || this.#now() >= this.#notBefore) await this.#refresh()
    // Not the outcome of this refresh: it may have been abandoned while a later one succeeded.
    return this.#usable() ? undefined : this.#unavailable()
  }

  /**
   * Starts a refresh in the background when it is due. Requests wait for it if no attempt has been made since the set
   * expired, or for a long time: a key may have been withdrawn while there was no traffic.
   *
   * @returns milliseconds for which a request waits; 0 to use the set as it is
   */
  #refreshIfDue(loaded: Loaded, now: number): number {
    if (now < loaded.refreshAt) return 0
    const pending = this.#pending()
    if (!pending && now < this.#notBefore) return 0
    if (!pending) keepAlive(this.#options.waitUntil, this.#refresh())
    const startedAt = pending?.startedAt ?? now
    return this.#isUnchecked(loaded, now) ? Math.max(0, startedAt + MAX_WAIT - now) : 0
  }

  #isUnchecked({ at, lifetime }: Loaded, now: number): boolean {
    if (now - at < lifetime) return false
    const attemptedAt = Math.max(this.#failedAt, at)
    // Longer than any back-off, during which requests do not wait.
    const longestSilence = 2 * Math.max(lifetime, this.#options.jwksCache.maxBackoff * 1000)
    return attemptedAt < at + lifetime || now - attemptedAt > longestSilence
  }

  /** An unknown `kid`: the issuer may have rotated its keys. */
  async #refreshForUnknownKid(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
  ): Promise<readonly VerificationKey[] | Refusal> {
    // Twice, because the first may be a refresh that started before the rotation.
    for (let round = 0; round < 2; round++) {
      const refresh = this.#forced()
      if (!refresh) break
      await refresh
      const found = this.#loaded?.index.find(algorithm, kid) ?? []
      if (found.length > 0) return found
    }
    // If the last attempt failed or was abandoned, the token may be valid.
    if (this.#failures > 0 || this.#refreshing) return this.#unavailable(this.#forcedAt + this.#cooldown)
    return invalidToken(this.#loaded?.index.hasKid(kid) ? 'algorithm' : 'unknown_key')
  }

  /** The pending refresh, or a new one if cooldown and back-off allow it. */
  #forced(): Promise<void> | undefined {
    if (this.#pending()) return this.#refresh()
    const now = this.#now()
    if (this.#loaded?.lifetime === FOREVER) return undefined
    if (now < this.#forcedAt + this.#cooldown || now < this.#notBefore) return undefined
    this.#forcedAt = now
    return this.#refresh(true)
  }

  #pending(): SharedWork<void> | undefined {
    return this.#refreshing?.isAbandoned() ? undefined : this.#refreshing
  }

  /**
   * One fetch at a time, so that an older response never overwrites a newer one. It never rejects: the state has the error.
   *
   * @param revalidate for a fetch that is forced: a cache on the way may still have the set from before a rotation
   */
  #refresh(revalidate = false): Promise<void> {
    const { now, deadline } = this.#options
    const pending = this.#pending()
    if (pending) return pending.outcome()
    this.#refreshing = startSharedWork<void>(
      (self) => this.#fetch(revalidate, self),
      deadline,
      () => undefined,
      (self) => {
        if (this.#refreshing === self) this.#refreshing = undefined
      },
      now,
    )
    return this.#refreshing.outcome()
  }

  async #fetch(revalidate: boolean, self: SharedWork<void>): Promise<void> {
    const isCurrent = () => this.#refreshing === self
    const { source, read, now, jwksCache } = this.#options
    let unusableAt = this.#unusableAt
    try {
      const request = { revalidate, unusableAt, orStale: !this.#usable() }
      const { json, lifetime, algorithms, at = now() } = await source.load(request)
      // Its age counts from its arrival, so that a late one may be older than its lifetime.
      if (self.isAbandoned()) throw new UpstreamError('timeout', 'the key set arrived too late')
      unusableAt = at
      const index = await read(json, algorithms, this.#loaded?.index)
      if (!isCurrent()) return
      const fresh = (Number.isFinite(lifetime) ? (jwksCache.maxAge ?? lifetime) : lifetime) * 1000
      this.#loaded = { index, at, lifetime: fresh, refreshAt: at + refreshPoint(fresh) }
      this.#current = undefined
      this.#unusableAt = undefined
      this.#failures = 0
      this.#lastError = undefined
      this.#notBefore = LONG_AGO
    } catch (thrown) {
      if (!isCurrent()) return
      const error =
        thrown instanceof UpstreamError
          ? thrown
          : new UpstreamError('shape', 'the key set is unreadable', { cause: thrown })
      this.#failures++
      this.#failedAt = now()
      this.#unusableAt = unusableAt
      this.#lastError = error
      this.#notBefore = now() + pauseAfter(this.#failures, jwksCache, error.retryAfter) * 1000
    }
  }

  /** @param notBefore when the next attempt is allowed, if later than the end of the back-off */
  #unavailable(notBefore = LONG_AGO): Refusal {
    const retryAfter = Math.max(0, Math.max(this.#notBefore, notBefore) - this.#now()) / 1000
    return unavailable('keys_unavailable', { cause: this.#lastError, retryAfter })
  }
}
