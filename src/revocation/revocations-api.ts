import type { Endpoint } from '../http-message.ts'
import type { NumericDate } from '../util/time.ts'
import type { Revocation, RevocationState } from '../verifier/revocation.ts'
import type { RevocationEntry, RevocationTarget } from './entry.ts'

/** Revokes tokens before they expire. It is also the option `revocation` of resource servers. */
export interface Revocations extends Revocation {
  /**
   * Revokes tokens. `jti` and `sid` cover every token that has them; `sub`, `client` and `all` those issued up to now.
   *
   * Clocks differ, so "up to now" means up to now plus the clock tolerance of the issuer: someone who signs in again
   * immediately may have to wait that long for a token that is accepted. State `before` to avoid that.
   *
   * @param options `before`: only tokens with an `iat` up to this time, and tokens without `iat`
   * @returns the entry, for {@link restore}
   * @throws {ConfigurationError} an unknown or `undefined` member, an issuer that no server trusts
   * @throws {Error} if the store cannot be written, or if there are `size` revocations already
   */
  revoke(target: RevocationTarget, options?: { readonly before?: NumericDate }): Promise<RevocationEntry>
  /**
   * The revocations in force, oldest first.
   *
   * @throws {Error} if the store cannot be read
   */
  list(): Promise<readonly RevocationEntry[]>
  /**
   * Undoes a revocation.
   *
   * @param entry what {@link revoke} or {@link list} returned, or its `id`
   * @throws {Error} if it is not in force, or if the store cannot be reached
   */
  restore(entry: RevocationEntry | string): Promise<void>
  state(): RevocationState
  /**
   * The endpoint for logout tokens (OpenID Connect Back-Channel Logout 1.0), at a path of your choice:
   * `app.use('/logout', endpoint(revoked.backchannelLogout))`. Needs the option `logout`. It responds 200 once the
   * revocation is stored, 400 to an invalid logout token, 5xx if the revocation cannot be stored, if there is no place for
   * it (see `size`), or if the keys of the issuer cannot be loaded.
   */
  readonly backchannelLogout: Endpoint
  /**
   * The endpoint for security events (Shared Signals, push delivery by RFC 8935). Needs the option `sharedSignals`. It
   * responds 202 to an event that is accepted, 400 with `err` and `description` to a bad one.
   */
  readonly sharedSignals: Endpoint
}
