import { type Checker, func, oneOf, optional, record, secret, text } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { type SigningKey, signingKey } from '../jws/signing-key-settings.ts'
import { isObject } from '../util/encoding.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'

/** The checked options of a client, with a copy of its secrets. */
export type ClientSettings =
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post'
      readonly clientId: string
      readonly clientSecret: string
    }
  | (SigningKey & {
      readonly method: 'private_key_jwt'
      readonly clientId: string
      /** `undefined` for the issuer. */
      readonly audience: string | undefined
    })
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
      return Object.freeze({
        method,
        clientId: clientId(),
        ...signingKey(from, option),
        audience: optional(from, option, 'audience', text, undefined),
      })
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
