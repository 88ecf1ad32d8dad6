import { InvalidToken, Unavailable } from '../errors/errors.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { Seconds } from '../util/time.ts'
import { keepAlive } from '../util/wait-until.ts'
import { withTimeout } from '../util/with-timeout.ts'
import { type JwksCacheTimes, pauseAfter, refreshPoint } from './freshness.ts'
import type { KeySource } from './jwks-source.ts'
import type { KeyIndex } from './key-index.ts'

/** What `state()` tells about the keys of an issuer. */
export interface KeysState {
  /**
   * `empty`: never loaded. `fresh`; `stale`: past their lifetime but still serving; `expired`: past that as well.
   * `none`: the options say that there are none.
   */
  readonly status: 'empty' | 'fresh' | 'stale' | 'expired' | 'none'
  readonly count: number
  /** Seconds since the set was loaded. */
  readonly age: Seconds | undefined
  /** The last failure since the last success. */
  readonly lastError: UpstreamError | undefined
  /** Seconds until the next fetch may be tried; 0 where nothing stands against it. */
  readonly retryIn: Seconds
}

/** The state where no JWT is verified here. */
export const NO_KEYS: KeysState = Object.freeze({
  status: 'none',
  count: 0,
  age: undefined,
  lastError: undefined,
  retryIn: 0,
})

export interface JwksCacheSettings {
  readonly source: KeySource
  readonly jwksCache: JwksCacheTimes
  /** Reads what the source brought; reports skipped members and changes on its own. */
  readonly read: (
    json: unknown,
    algorithms: readonly JwsAlgorithm[] | undefined,
    previous: KeyIndex | undefined,
  ) => Promise<KeyIndex>
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number
  /** Milliseconds within which the source has answered or failed. */
  readonly deadline: number
  /** Told of a refresh that goes on after the answer of the request that began it. */
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
}

interface Loaded {
  readonly table: KeyIndex
  readonly at: number
  /** Milliseconds, as are the two below; they count from `at`. */
  readonly lifetime: number
  readonly refreshAfter: number
}

interface Refresh {
  readonly done: Promise<void>
  /** From when on it is given up: its deadline should have ended it long before. */
  readonly abandonedAt: number
}

// On Workers a fetch ends, without a word, with the request that began it; this long after its deadline it is lost.
const GRACE = 1000

/**
 * The keys of one issuer over time: loaded once for everybody who waits, refreshed in the background before they go
 * stale, kept through outages, and never fetched more often than the rules allow, whatever tokens arrive.
 * There are no timers: requests move it along, so an idle process does nothing.
 */
export class JwksCache implements SigningKeys {
  readonly #options: JwksCacheSettings
  readonly #kept: number
  readonly #cooldown: number
  #loaded: Loaded | undefined
  #refreshing: Refresh | undefined
  #forcedAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #lastError: UpstreamError | undefined
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(options: JwksCacheSettings) {
    this.#options = options
    this.#kept = options.jwksCache.staleIfError * 1000
    this.#cooldown = options.jwksCache.cooldown * 1000
  }

  find(algorithm: JwsAlgorithm, kid: string | undefined): MaybePromise<readonly VerificationKey[]> {
    const now = this.#options.now()
    const loaded = this.#serving(now)
    if (!loaded) return this.#load().then(() => this.find(algorithm, kid))
    const wait = this.#keepFresh(loaded, now)
    if (wait) return wait.then(() => this.find(algorithm, kid))
    const found = loaded.table.find(algorithm, kid)
    return found.length > 0 ? found : this.#refreshForUnknownKid(algorithm, kid)
  }

  refreshAndFind(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): MaybePromise<readonly VerificationKey[]> {
    const untried = () => this.#loaded?.table.find(algorithm, kid).filter((key) => !tried.includes(key)) ?? []
    // A refresh may have ended while the signature was checked; then there is no need for another one.
    const found = untried()
    const refresh = found.length === 0 ? this.#forced() : undefined
    return refresh ? refresh.then(untried, untried) : found
  }

  isCurrent(key: VerificationKey): boolean {
    const now = this.#options.now()
    const loaded = this.#serving(now)
    // A set that is due for a refresh which has to be waited for vouches for nothing until then.
    return loaded?.table.has(key) === true && this.#keepFresh(loaded, now) === undefined
  }

  /** Loads the keys where there are none yet. */
  async ready(): Promise<void> {
    if (!this.#serving()) await this.#load()
  }

  state(): KeysState {
    const now = this.#options.now()
    const loaded = this.#loaded
    const age = loaded && now - loaded.at
    const status =
      !loaded || age === undefined ? 'empty' : age < loaded.lifetime ? 'fresh' : this.#serving() ? 'stale' : 'expired'
    return {
      status,
      count: loaded?.table.entries.length ?? 0,
      age: age === undefined ? undefined : age / 1000,
      lastError: this.#lastError,
      retryIn: Math.max(0, this.#notBefore - now) / 1000,
    }
  }

  /** The loaded set while it may serve: in its lifetime, or kept past it (RFC 5861 §4). */
  #serving(now = this.#options.now()): Loaded | undefined {
    const loaded = this.#loaded
    return loaded && now - loaded.at < loaded.lifetime + this.#kept ? loaded : undefined
  }

  /** Nothing to serve from: everybody waits for one load, or is told at once when the next one may be tried. */
  async #load(): Promise<void> {
    const wait = this.#notBefore - this.#options.now()
    if (!this.#underWay() && wait > 0) throw this.#unavailable()
    try {
      await this.#refresh()
    } catch {
      throw this.#unavailable()
    }
  }

  /**
   * Starts a refresh in the background when it is time. Nobody waits for it, with one exception: after a long silence,
   * in which nobody asked and so nobody tried, a key may have been withdrawn that must not open anything any more.
   */
  #keepFresh(loaded: Loaded, now: number): Promise<void> | undefined {
    const age = now - loaded.at
    if (age < loaded.refreshAfter) return undefined
    const pending = this.#underWay()
    if (!pending && now < this.#notBefore) return undefined
    const waits = now - Math.max(this.#failedAt, loaded.at) > this.#silence(loaded)
    if (pending && !waits) return undefined
    const refreshing = this.#refresh().catch(() => undefined)
    if (waits) return refreshing
    keepAlive(this.#options.waitUntil, refreshing)
    return undefined
  }

  /** Milliseconds without an attempt after which keys are no longer used unseen; longer than any pause of a back-off. */
  #silence({ lifetime }: Loaded): number {
    const { maxBackoff } = this.#options.jwksCache
    return 2 * (this.#failures === 0 ? lifetime : Math.max(lifetime, maxBackoff * 1000))
  }

  /** An unknown `kid`: perhaps the issuer has rotated its keys. */
  async #refreshForUnknownKid(algorithm: JwsAlgorithm, kid: string | undefined): Promise<readonly VerificationKey[]> {
    // Twice, because the first may be a refresh that was under way before the rotation.
    for (let round = 0; round < 2; round++) {
      const refresh = this.#forced()
      if (!refresh) break
      await refresh.catch(() => undefined)
      const found = this.#loaded?.table.find(algorithm, kid) ?? []
      if (found.length > 0) return found
    }
    // Where we could not ask, we do not know that the token is bad.
    if (this.#failures > 0) throw this.#unavailable(this.#forcedAt + this.#cooldown)
    throw new InvalidToken('unknown_key')
  }

  /** The refresh under way, or a new one if the cooldown and the back-off allow it. */
  #forced(): Promise<void> | undefined {
    if (this.#underWay()) return this.#refresh()
    const now = this.#options.now()
    if (this.#loaded?.lifetime === Number.POSITIVE_INFINITY) return undefined
    if (now < this.#forcedAt + this.#cooldown || now < this.#notBefore) return undefined
    this.#forcedAt = now
    return this.#refresh()
  }

  /** The refresh that everybody joins, unless it is lost. */
  #underWay(): Refresh | undefined {
    return this.#refreshing && this.#options.now() < this.#refreshing.abandonedAt ? this.#refreshing : undefined
  }

  /** One fetch at a time, so that an older answer can never overwrite a newer one. */
  #refresh(): Promise<void> {
    const { now, deadline } = this.#options
    const pending = this.#underWay()
    if (pending)
      return withTimeout(pending.abandonedAt - now(), pending.done, () => new UpstreamError('timeout', 'lost'))
    const isCurrent = () => this.#refreshing === refresh
    const refresh: Refresh = {
      abandonedAt: now() + deadline + GRACE,
      done: this.#fetch(isCurrent).finally(() => {
        if (isCurrent()) this.#refreshing = undefined
      }),
    }
    this.#refreshing = refresh
    return refresh.done
  }

  async #fetch(isCurrent: () => boolean): Promise<void> {
    const { source, read, now, jwksCache: freshness } = this.#options
    try {
      const { json, lifetime, algorithms } = await source.load()
      const table = await read(json, algorithms, this.#loaded?.table)
      if (!isCurrent()) return // given up for lost, and another one has begun
      const fresh = (Number.isFinite(lifetime) ? (freshness.maxAge ?? lifetime) : lifetime) * 1000
      this.#loaded = { table, at: now(), lifetime: fresh, refreshAfter: refreshPoint(fresh) }
      this.#failures = 0
      this.#lastError = undefined
      this.#notBefore = Number.NEGATIVE_INFINITY
    } catch (thrown) {
      if (!isCurrent()) throw thrown
      const error =
        thrown instanceof UpstreamError ? thrown : new UpstreamError('shape', 'unreadable', { cause: thrown })
      this.#failures++
      this.#failedAt = now()
      this.#lastError = error
      this.#notBefore = now() + pauseAfter(this.#failures, freshness, error.retryAfter) * 1000
      throw error
    }
  }

  /** Tells when the next attempt may come: after the back-off, or later where something else stands against it. */
  #unavailable(notBefore = Number.NEGATIVE_INFINITY): Unavailable {
    const retryAfter = Math.max(0, Math.max(this.#notBefore, notBefore) - this.#options.now()) / 1000
    return new Unavailable('keys_unavailable', { cause: this.#lastError, retryAfter })
  }
}
