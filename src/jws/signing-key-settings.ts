import type { CryptoKey } from 'jose'
import { type Checker, optional, text, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isObject } from '../util/encoding.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from './algorithms.ts'
import { algorithmFor, isCryptoKey } from './sign.ts'

/** A private key of ours with the one algorithm it signs with; a JWK is a copy. */
export interface SigningKey {
  readonly key: CryptoKey | Readonly<Record<string, unknown>>
  readonly algorithm: JwsAlgorithm
  readonly keyId: string | undefined
}

/** The members `key`, `algorithm` and `keyId` of an option. */
export function signingKey(from: Readonly<Record<string, unknown>>, option: string): SigningKey {
  const key = copyOfKey(from.key, `${option}.key`)
  const named = optional(from, option, 'algorithm', algorithm, undefined)
  const own = algorithmFor(key, undefined)
  if ('problem' in own) throw new ConfigurationError(`${option}.key`, `cannot sign: ${own.problem}`)
  const fitting = algorithmFor(key, named)
  if ('problem' in fitting)
    throw new ConfigurationError(`${option}.algorithm`, `does not fit the key: ${fitting.problem}`)
  return {
    key,
    algorithm: fitting.algorithm,
    keyId: optional(from, option, 'keyId', text, 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined),
  }
}

const algorithm: Checker<JwsAlgorithm> = (value, option) => {
  if (!isJwsAlgorithm(value)) throw wrong(option, value, 'the name of an asymmetric JWS algorithm')
  return value
}

function copyOfKey(value: unknown, option: string): CryptoKey | Readonly<Record<string, unknown>> {
  if (isCryptoKey(value)) return value
  if (!isObject(value)) throw new ConfigurationError(option, 'must be a CryptoKey or a private JWK')
  try {
    return structuredClone(value)
  } catch {
    throw new ConfigurationError(option, 'holds something that is no JSON; pass a CryptoKey or a private JWK')
  }
}
