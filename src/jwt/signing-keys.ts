import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { JwsAlgorithm } from '../signature/algorithms.ts'
import type { SignedText, VerificationKey } from '../signature/engine.ts'
import type { UnverifiedJwt } from './compact.ts'

/** The keys of one issuer, as far as a signature check needs them. */
export interface SigningKeys {
  /** Those that may have signed this token. Learns new keys where that is allowed. */
  find(algorithm: JwsAlgorithm, kid: string | undefined): MaybePromise<readonly VerificationKey[]>
  /** Further ones, when none of those `tried` fits the signature: the material behind a `kid` may have changed. */
  findAgain(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): MaybePromise<readonly VerificationKey[]>
  /** True while a token that this key verified before is good without another look at its signature. */
  vouches(key: VerificationKey): boolean
}

/** The key of the issuer that made the signature, `undefined` where none did. */
export function verifyingKey(jwt: UnverifiedJwt, keys: SigningKeys): MaybePromise<VerificationKey | undefined> {
  const { header, signed } = jwt
  const { algorithm, kid } = header
  return chain(keys.find(algorithm, kid), (found) =>
    chain(firstVerifying(found, signed), (key) => {
      if (key) return key
      return chain(keys.findAgain(algorithm, kid, found), (others) => firstVerifying(others, signed))
    }),
  )
}

function firstVerifying(
  candidates: readonly VerificationKey[],
  signed: SignedText,
  from = 0,
): MaybePromise<VerificationKey | undefined> {
  const key = candidates[from]
  if (!key) return undefined
  return chain(key.verify(signed), (good) => (good ? key : firstVerifying(candidates, signed, from + 1)))
}
