import { Refusal } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { SignedText, VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'

/** The keys of one issuer, as far as a signature check needs them. */
export interface SigningKeys {
  /** Those that may have signed a token, if the loaded set has some and may be used without waiting for a refresh. */
  cached(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[] | undefined
  /** The same, after loading or refreshing the set where that is necessary and allowed. */
  find(algorithm: JwsAlgorithm, kid: string | undefined): Promise<readonly VerificationKey[] | Refusal>
  /** Further ones, when none of those `tried` fits the signature: the material behind a `kid` may have changed. */
  refreshAndFind(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]>
  /** True while a token that this key verified before is valid without checking its signature again. */
  isCurrent(key: VerificationKey): boolean
}

/** The key of the issuer that made the signature, `undefined` if none did. */
export async function verifyingKey(
  { header, signed }: UnverifiedJwt,
  keys: SigningKeys,
): Promise<VerificationKey | Refusal | undefined> {
  const { algorithm, kid } = header
  const candidates = keys.cached(algorithm, kid) ?? (await keys.find(algorithm, kid))
  if (candidates instanceof Refusal) return candidates
  const key = await firstVerifying(candidates, signed)
  return key ?? firstVerifying(await keys.refreshAndFind(algorithm, kid, candidates), signed)
}

async function firstVerifying(
  candidates: readonly VerificationKey[],
  signed: SignedText,
): Promise<VerificationKey | undefined> {
  for (const key of candidates) {
    const isValid = key.verify(signed)
    // The engine of Node returns at once; only the portable one has to be waited for.
    if (typeof isValid === 'boolean' ? isValid : await isValid) return key
  }
  return undefined
}
