import type { JwsAlgorithm } from '../jws/algorithms.ts'
import type { SignedText, VerificationKey } from '../jws/engine.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import type { UnverifiedJwt } from './parse-jwt.ts'

/** The keys of one issuer, as far as a signature check needs them. */
export interface SigningKeys {
  /** Those that may have signed this token. Learns new keys where that is allowed. */
  find(algorithm: JwsAlgorithm, kid: string | undefined): MaybePromise<readonly VerificationKey[]>
  /** Further ones, when none of those `tried` fits the signature: the material behind a `kid` may have changed. */
  refreshAndFind(
    algorithm: JwsAlgorithm,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): MaybePromise<readonly VerificationKey[]>
  /** True while a token that this key verified before is good without another look at its signature. */
  isCurrent(key: VerificationKey): boolean
}

/** The key of the issuer that made the signature, `undefined` where none did. */
export function verifyingKey(jwt: UnverifiedJwt, keys: SigningKeys): MaybePromise<VerificationKey | undefined> {
  const found = keys.find(jwt.header.algorithm, jwt.header.kid)
  // Written out for the way of a new token whose key is known: no closure and no promise.
  return isPromise(found) ? found.then((resolved) => keyAmong(resolved, jwt, keys)) : keyAmong(found, jwt, keys)
}

function keyAmong(
  candidates: readonly VerificationKey[],
  jwt: UnverifiedJwt,
  keys: SigningKeys,
): MaybePromise<VerificationKey | undefined> {
  const key = firstVerifying(candidates, jwt.signed, 0)
  if (isPromise(key)) return key.then((resolved) => resolved ?? keyOfOthers(candidates, jwt, keys))
  return key ?? keyOfOthers(candidates, jwt, keys)
}

function keyOfOthers(tried: readonly VerificationKey[], { header, signed }: UnverifiedJwt, keys: SigningKeys) {
  return chain(keys.refreshAndFind(header.algorithm, header.kid, tried), (others) => firstVerifying(others, signed, 0))
}

function firstVerifying(
  candidates: readonly VerificationKey[],
  signed: SignedText,
  from: number,
): MaybePromise<VerificationKey | undefined> {
  for (let at = from; at < candidates.length; at++) {
    const key = candidates[at] as VerificationKey
    const good = key.verify(signed)
    if (isPromise(good)) return good.then((resolved) => (resolved ? key : firstVerifying(candidates, signed, at + 1)))
    if (good) return key
  }
  return undefined
}
