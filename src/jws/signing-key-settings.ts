import type { CryptoKey } from 'jose'
import { type Checked, optional, required } from '../config/shape.ts'
import { type Checker, jsonCopy, text, valueThat } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isObject } from '../util/encoding.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from './algorithms.ts'
import { algorithmFor, isCryptoKey } from './sign.ts'

/** Has a name because the declarations of other files would print the global `CryptoKey`, which not every project has. */
export type PrivateKey = CryptoKey | Readonly<Record<string, unknown>>

/** A private key of ours with the one algorithm it signs with; a JWK is a copy. */
export interface SigningKey {
  readonly key: PrivateKey
  readonly algorithm: JwsAlgorithm
  readonly keyId: string | undefined
}

const privateKey: Checker<PrivateKey> = (value, option) => {
  if (isCryptoKey(value)) return value
  if (!isObject(value)) throw new ConfigurationError(option, 'must be a CryptoKey or a private JWK')
  return jsonCopy(value, option)
}

export const asymmetricAlgorithm = valueThat(isJwsAlgorithm, 'the name of an asymmetric JWS algorithm')

/** The members of an options object with a signing key. */
export const signingKeyMembers = {
  key: required(privateKey),
  algorithm: optional(asymmetricAlgorithm),
  keyId: optional(text),
}

/** What the members say together: the algorithm must fit the key, and a JWK has defaults for both others. */
export function signingKey({ key, algorithm, keyId }: Checked<typeof signingKeyMembers>, option: string): SigningKey {
  const own = algorithmFor(key, undefined)
  if ('problem' in own) throw new ConfigurationError(`${option}.key`, `cannot sign: ${own.problem}`)
  const fitting = algorithmFor(key, algorithm)
  if ('problem' in fitting)
    throw new ConfigurationError(`${option}.algorithm`, `does not fit the key: ${fitting.problem}`)
  const kid = 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined
  return { key, algorithm: fitting.algorithm, keyId: keyId ?? kid }
}
