import { checkTimes, type TimeRules } from '../claims/registered-claims.ts'
import { Refusal } from '../errors/refusal.ts'
import { splitCompact } from '../jws/compact.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import { type RevalidationData, type VerifiedJwt, verifyJwt, verifySignature } from '../jwt/verify-jwt.ts'
import { decodeJsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import type { IssuerContext } from './context.ts'
import type { IssuerSettings } from './settings.ts'
import type { AttachedStatusList, StatusListHost, StatusListsState, TokenStatus } from './status-list.ts'

/**
 * Verifies the JWTs of one issuer here. A class without closures: with many issuers, what a cached token costs is the memory
 * that is read for it. For the same reason, it has the rules for times itself.
 */
export class LocalVerifier implements TimeRules {
  readonly clockTolerance: Seconds
  readonly maxAge: Seconds | undefined
  readonly #settings: IssuerSettings
  readonly #keys: SigningKeys
  readonly #clock: () => NumericDate
  readonly #statuses: AttachedStatusList | undefined

  constructor(
    settings: IssuerSettings,
    keys: SigningKeys,
    context: Pick<StatusListHost, 'watch' | 'closing'> & IssuerContext,
  ) {
    this.clockTolerance = settings.clockTolerance
    this.maxAge = settings.maxAge
    this.#settings = settings
    this.#keys = keys
    this.#clock = context.clock
    this.#statuses = settings.statusList?.attach({
      ...settings,
      ...context,
      verifySignature: (jwt) => this.verifySignature(jwt),
    })
  }

  /** @param verifiedBy the key that already verified the signature of this token */
  verify(jwt: UnverifiedJwt, verifiedBy: VerificationKey | undefined): Promise<VerifiedJwt | Refusal> {
    const verified = verifyJwt(jwt, this.#settings, this.#keys, this.#clock, verifiedBy)
    return this.#statuses ? this.#checkStatus(verified, this.#statuses) : verified
  }

  /** Checks only the signature: of logout tokens and security events. */
  verifySignature(jwt: UnverifiedJwt): Promise<Refusal | undefined> {
    return verifySignature(jwt, this.#settings, this.#keys)
  }

  /**
   * True while a verified token is still valid: only its times, its key and its status can change that. Otherwise it is verified
   * again, which finds the right refusal.
   */
  isStillValid(data: RevalidationData): boolean {
    if (checkTimes(data, this.#clock(), this) || !this.#keys.isCurrent(data.key)) return false
    return this.#statuses === undefined || this.#statuses.isValid(data.status)
  }

  /** Whether tokens have a status, which may change at any time. */
  get hasStatus(): boolean {
    return this.#statuses !== undefined
  }

  /** The status of one of its verified JWTs; `undefined` if it has none. */
  statusOf(jwt: string): TokenStatus | undefined {
    const statuses = this.#statuses
    const status = statuses && decodeJsonObject(splitCompact(jwt)?.payload ?? '')?.status
    if (!statuses || status === undefined) return undefined
    return { isValid: () => statuses.isValid(status), check: () => statuses.check(status) }
  }

  /** The state of its status lists; `undefined` without the option. */
  statusLists(): StatusListsState | undefined {
    return this.#statuses?.state()
  }

  /** Last, because only a token that is genuine decides which list is fetched. */
  async #checkStatus(
    verified: Promise<VerifiedJwt | Refusal>,
    statuses: AttachedStatusList,
  ): Promise<VerifiedJwt | Refusal> {
    const valid = await verified
    if (valid instanceof Refusal) return valid
    const refusal = await statuses.check(valid.status)
    // Again, because the token may have expired while the list was loading.
    return refusal ?? checkTimes(valid, this.#clock(), this.#settings) ?? valid
  }
}
