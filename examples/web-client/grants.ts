import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ResponseBodyError, refreshTokenGrant } from 'openid-client'
import { problemIn } from './failures.ts'
import { Problem } from './problems.ts'
import type { Provider, TokenResponse, User } from './provider.ts'
import { SESSION_SECONDS } from './sessions.ts'
import type { Store } from './store.ts'

/** The tokens of a signed-in user. They never leave the server. */
export interface Grant {
  readonly user: User
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** When the access token expires, in milliseconds since 1970; `null` if it does not. */
  readonly expires: number | null
  /** Its lifetime in seconds. */
  readonly lifetime: number
}

/** Seconds before the expiry at which we refresh: enough for a request that is on its way. */
const EARLY = 60
/** Seconds for which one process may refresh; longer than the deadline of the request. */
const LOCK = 15

const keyOf = (id: string): string => `grant:${id}`
const lockOf = (id: string): string => `refreshing:${id}`
const userKey = ({ id }: User): string => `user:${id}`

export class Grants {
  readonly #store: Store
  readonly #provider: Provider
  readonly #now: () => number
  /** Single flight within this process; the lock in the store covers the others. */
  readonly #pending = new Map<string, Promise<Grant>>()

  constructor(store: Store, provider: Provider, now: () => number) {
    this.#store = store
    this.#provider = provider
    this.#now = now
  }

  /** Stores the tokens of a sign-in. @returns the id for the session */
  async open(tokens: TokenResponse, user: User): Promise<string> {
    const id = randomUUID()
    await this.#save(id, this.#grantOf(tokens, { user, refreshToken: undefined }))
    await this.#store.add(userKey(user), id, SESSION_SECONDS)
    return id
  }

  async find(id: string | undefined): Promise<Grant | undefined> {
    const text = id === undefined ? undefined : await this.#store.get(keyOf(id))
    return text === undefined ? undefined : (JSON.parse(text) as Grant)
  }

  /**
   * The tokens, with an access token that is valid for at least another minute if the provider responds.
   *
   * @param refused an access token that the API did not accept
   * @throws {Problem} `session_ended` if the user must sign in again
   */
  async current(id: string | undefined, refused?: string): Promise<Grant> {
    const grant = await this.find(id)
    if (grant === undefined || id === undefined) throw new Problem('not_signed_in')
    if (grant.accessToken !== refused && !this.#expiresSoon(grant)) return grant
    if (grant.refreshToken === undefined) {
      if (grant.accessToken !== refused && !this.#hasExpired(grant)) return grant
      await this.#forget(id)
      throw new Problem('session_ended', 'no_refresh_token')
    }
    try {
      return await this.#refreshOnce(id, grant)
    } catch (thrown) {
      const problem = problemIn(thrown)
      // That is what the minute is for: a short outage of the provider goes unnoticed.
      const isUsable = grant.accessToken !== refused && !this.#hasExpired(grant)
      if (problem.problem === 'provider_unavailable' && isUsable) return grant
      throw problem
    }
  }

  /** Signs out one session: here first, so that it counts even if the provider is down. */
  async close(id: string | undefined): Promise<void> {
    const grant = await this.find(id)
    if (id === undefined || grant === undefined) return
    await this.#forget(id)
    await this.#provider.revoke(grant)
  }

  /** Signs out all sessions of a user, in all browsers. */
  async closeAll(user: User): Promise<void> {
    const ids = await this.#store.members(userKey(user))
    const grants = await Promise.all(ids.map((id) => this.find(id)))
    await Promise.all(ids.map((id) => this.#forget(id)))
    await this.#store.delete(userKey(user))
    const results = await Promise.allSettled(grants.map((grant) => grant && this.#provider.revoke(grant)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  #refreshOnce(id: string, seen: Grant): Promise<Grant> {
    const pending = this.#pending.get(id) ?? this.#refreshInTurn(id, seen).finally(() => this.#pending.delete(id))
    this.#pending.set(id, pending)
    return pending
  }

  async #refreshInTurn(id: string, seen: Grant): Promise<Grant> {
    const deadline = performance.now() + LOCK * 1000
    while (!(await this.#store.claim(lockOf(id), LOCK))) {
      if (performance.now() > deadline) throw new Problem('provider_unavailable', 'lock')
      await sleep(50)
    }
    try {
      // Perhaps another process has refreshed, or the user has signed out, while we waited.
      const grant = await this.find(id)
      if (grant === undefined) throw new Problem('not_signed_in')
      return grant.accessToken === seen.accessToken ? await this.#refresh(id, grant) : grant
    } finally {
      await this.#store.delete(lockOf(id))
    }
  }

  async #refresh(id: string, grant: Grant): Promise<Grant> {
    const config = await this.#provider.configuration()
    try {
      const fresh = this.#grantOf(await refreshTokenGrant(config, grant.refreshToken ?? ''), grant)
      // Stored before it is used: the refresh token that it replaces is already worthless.
      await this.#save(id, fresh)
      return fresh
    } catch (thrown) {
      if (!(thrown instanceof ResponseBodyError && thrown.error === 'invalid_grant')) throw thrown
      // RFC 9700 §4.14.2: perhaps a thief used it. The provider has revoked all tokens of this sign-in, and so do we.
      await this.#forget(id)
      throw new Problem('session_ended', thrown.error)
    }
  }

  #grantOf(tokens: TokenResponse, before: Pick<Grant, 'user' | 'refreshToken'>): Grant {
    const lifetime = tokens.expires_in ?? 0
    return {
      user: before.user,
      accessToken: tokens.access_token,
      // Without rotation, the response has none, and the old one stays valid (RFC 6749 §6).
      refreshToken: tokens.refresh_token ?? before.refreshToken,
      expires: tokens.expires_in === undefined ? null : this.#now() + lifetime * 1000,
      lifetime,
    }
  }

  #expiresSoon({ expires, lifetime }: Grant): boolean {
    return expires !== null && expires - this.#now() < Math.min(EARLY, lifetime / 2) * 1000
  }

  #hasExpired({ expires }: Grant): boolean {
    return expires !== null && expires <= this.#now()
  }

  #save(id: string, grant: Grant): Promise<void> {
    return this.#store.set(keyOf(id), JSON.stringify(grant), SESSION_SECONDS)
  }

  #forget(id: string): Promise<void> {
    return this.#store.delete(keyOf(id))
  }
}
