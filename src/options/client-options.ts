import type { CryptoKey } from 'jose'
import { ConfigurationError } from '../errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { isObject } from '../platform/encoding.ts'
import type { MaybePromise } from '../platform/maybe-promise.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../signature/algorithms.ts'
import { algorithmFor, isCryptoKey } from '../signature/signing.ts'
import { type Checker, func, oneOf, optional, record, secret, text, wrong } from './check.ts'

/** The checked options of a client, with a copy of its secrets. */
export type ClientSettings =
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post'
      readonly clientId: string
      readonly clientSecret: string
    }
  | {
      readonly method: 'private_key_jwt'
      readonly clientId: string
      readonly key: CryptoKey | Readonly<Record<string, unknown>>
      readonly algorithm: JwsAlgorithm
      readonly keyId: string | undefined
      /** `undefined` for the issuer. */
      readonly audience: string | undefined
    }
  | { readonly method: 'bearer'; readonly token: () => MaybePromise<string> }
  | { readonly method: 'none'; readonly clientId: string }

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'bearer', 'none'] as const

const MEMBERS: Readonly<Record<(typeof METHODS)[number], readonly string[]>> = {
  client_secret_basic: ['clientId', 'clientSecret'],
  client_secret_post: ['clientId', 'clientSecret'],
  private_key_jwt: ['clientId', 'key', 'algorithm', 'keyId', 'audience'],
  bearer: ['token'],
  none: ['clientId'],
}

export function checkClient(value: unknown, option: string): ClientSettings {
  // Whoever passes the secret alone must not find it in an error message.
  if (!isObject(value)) throw new ConfigurationError(option, 'must be an object with a method')
  const any = record(value, option, ['method', ...new Set(Object.values(MEMBERS).flat())])
  const method = oneOf(...METHODS)(any.method, `${option}.method`)
  const from = record(value, option, ['method', ...MEMBERS[method]])
  const clientId = () => text(from.clientId, `${option}.clientId`)
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      return Object.freeze({
        method,
        clientId: clientId(),
        clientSecret: secret(from.clientSecret, `${option}.clientSecret`),
      })
    case 'private_key_jwt':
      return Object.freeze({ method, clientId: clientId(), ...signingKey(from, option) })
    case 'bearer':
      return Object.freeze({ method, token: ownToken(from.token, `${option}.token`) })
    case 'none':
      return Object.freeze({ method, clientId: clientId() })
  }
}

const ownToken: Checker<() => MaybePromise<string>> = (value, option) => {
  if (typeof value === 'function') return func(value, option) as () => MaybePromise<string>
  const token = secret(value, option)
  if (!isToken68(token)) throw new ConfigurationError(option, 'is no token that a field can carry')
  return () => token
}

function signingKey(from: Readonly<Record<string, unknown>>, option: string) {
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
    audience: optional(from, option, 'audience', text, undefined),
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
