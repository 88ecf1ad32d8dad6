import { checkTimes } from '../claims/registered-claims.ts'
import { Refusal } from '../errors/refusal.ts'
import { splitCompact } from '../jws/compact.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { SigningKeys } from '../jwt/select-key.ts'
import { isStillValid, type RevalidationData, type VerifiedJwt, verifyJwt, verifySignature } from '../jwt/verify-jwt.ts'
import { decodeJsonObject } from '../util/encoding.ts'
import type { IssuerContext } from './context.ts'
import type { IssuerSettings } from './settings.ts'
import type { StatusListHost, StatusListsState, TokenStatus } from './status-list.ts'

/** Verifies the JWTs of one issuer here. */
export interface LocalVerifier {
  /** @param verifiedBy the key that already verified the signature of this token */
  verify(jwt: UnverifiedJwt, verifiedBy: VerificationKey | undefined): Promise<VerifiedJwt | Refusal>
  /** Checks only the signature: of logout tokens and security events. */
  verifySignature(jwt: UnverifiedJwt): Promise<Refusal | undefined>
  /** True while a verified token need not be verified again. */
  isStillValid(data: RevalidationData): boolean
  /** Whether tokens have a status, which may change at any time. */
  readonly hasStatus: boolean
  /** The status of one of its verified JWTs; `undefined` if it has none. */
  statusOf(jwt: string): TokenStatus | undefined
  /** The state of its status lists; `undefined` without the option. */
  statusLists(): StatusListsState | undefined
}

export function createLocalVerifier(
  settings: IssuerSettings,
  keys: SigningKeys,
  context: Pick<StatusListHost, 'watch' | 'closing'> & IssuerContext,
): LocalVerifier {
  const { clock } = context
  const verifyOwnSignature = (jwt: UnverifiedJwt) => verifySignature(jwt, settings, keys)
  const statuses = settings.statusList?.attach({ ...settings, ...context, verifySignature: verifyOwnSignature })

  /** Last, because only a token that is genuine decides which list is fetched. */
  async function checkStatus(valid: VerifiedJwt | Refusal): Promise<VerifiedJwt | Refusal> {
    if (valid instanceof Refusal) return valid
    const refusal = await statuses?.check(valid.status)
    // Again, because the token may have expired while the list was loading.
    return refusal ?? checkTimes(valid, clock(), settings) ?? valid
  }

  return {
    verify: statuses
      ? async (jwt, verifiedBy) => checkStatus(await verifyJwt(jwt, settings, keys, clock, verifiedBy))
      : (jwt, verifiedBy) => verifyJwt(jwt, settings, keys, clock, verifiedBy),
    verifySignature: verifyOwnSignature,
    isStillValid: (data) =>
      isStillValid(data, settings, keys, clock()) && (statuses === undefined || statuses.isValid(data.status)),
    hasStatus: statuses !== undefined,
    statusOf(jwt) {
      const status = statuses && decodeJsonObject(splitCompact(jwt)?.payload ?? '')?.status
      if (!statuses || status === undefined) return undefined
      return { isValid: () => statuses.isValid(status), check: () => statuses.check(status) }
    },
    statusLists: () => statuses?.state(),
  }
}
