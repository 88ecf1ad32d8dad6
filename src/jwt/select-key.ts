import { Refusal } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'

/** The keys of one issuer, as far as a signature check needs them. */
export interface SigningKeys {
  /** Candidate keys from the loaded set; `undefined` if it has none, or a refresh must be waited for. */
  cached(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[] | undefined
  /** The same, after loading or refreshing the set if necessary and allowed. */
  find(algorithm: JwsAlgorithm, kid: string | undefined): Promise<readonly VerificationKey[] | Refusal>
  /**
   * Candidates other than those `tried`, after a refresh: the key behind a `kid` may have changed. `undefined` if there are none,
   * and no refresh is allowed now.
   */
  refreshAndFind(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]> | undefined
  /** True while tokens that this key has verified need no new signature check. */
  isCurrent(key: VerificationKey): boolean
}

/** The key that verifies the signature; `undefined` if none does. */
export async function verifyingKey(
  { header, signed }: UnverifiedJwt,
  keys: SigningKeys,
): Promise<VerificationKey | Refusal | undefined> {
  const { algorithm, kid } = header
  const candidates = keys.cached(algorithm, kid) ?? (await keys.find(algorithm, kid))
  if (candidates instanceof Refusal) return candidates
  for (const key of candidates) {
    const isValid = key.verify(signed)
    // The engine of Node is synchronous; the portable one returns a promise.
    if (typeof isValid === 'boolean' ? isValid : await isValid) return key
  }
  const others = keys.refreshAndFind(algorithm, kid, candidates)
  for (const key of others ? await others : []) {
    if (await key.verify(signed)) return key
  }
  return undefined
}
