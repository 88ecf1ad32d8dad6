import { type Checked, optional, required, shape, withMembers } from '../config/shape.ts'
import { type Checker, func, identifier, type Members, oneOf, record, secret, text } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { type SigningKey, signingKey, signingKeyMembers } from '../jws/signing-key-settings.ts'
import { isObject } from '../util/encoding.ts'

/** An access token of ours, or a function that gets one: as they are, so that settings with the same one are equal. */
const ownToken: Checker<string | (() => string | Promise<string>)> = (value, option) => {
  if (typeof value === 'function') return func(value, option) as () => string | Promise<string>
  const token = secret(value, option)
  if (!isToken68(token)) throw new ConfigurationError(option, 'must be a token of printable ASCII without spaces')
  return token
}

const clientId = required(identifier)
const clientSecret = required(secret)

/** The methods, and what each needs besides `method`. */
export const clientMethods = {
  client_secret_basic: shape({ method: required(oneOf('client_secret_basic')), clientId, clientSecret }),
  client_secret_post: shape({ method: required(oneOf('client_secret_post')), clientId, clientSecret }),
  private_key_jwt: shape({
    method: required(oneOf('private_key_jwt')),
    clientId,
    ...signingKeyMembers,
    audience: optional(text),
  }),
  bearer: shape({ method: required(oneOf('bearer')), token: required(ownToken) }),
  none: shape({ method: required(oneOf('none')), clientId }),
}

type Methods = typeof clientMethods
type MembersOf<Method extends keyof Methods> = Checked<Methods[Method]['members']>

/** The checked options of a client, with a copy of its secrets. The default audience is the issuer. */
export type ClientSettings =
  | MembersOf<Exclude<keyof Methods, 'private_key_jwt'>>
  | (SigningKey & Pick<MembersOf<'private_key_jwt'>, 'method' | 'clientId' | 'audience'>)

/** Such as `bearer (token)`, for the message. */
const METHODS = Object.entries(clientMethods).map(([name, { members }]) => {
  const { method: _, ...others } = members
  return `${name} (${Object.keys(others).join(', ')})`
})

/** The members of all methods, for the hint that one was given elsewhere. */
const members = Object.assign({}, ...Object.values(clientMethods).map((method) => method.members)) as Members

export const clientShape = withMembers<ClientSettings>(members, (value, option, hint) => {
  const isGiven = isObject(value)
  const method = isGiven ? record(value, option).method : undefined
  if (typeof method !== 'string' || !Object.hasOwn(clientMethods, method)) {
    throw new ConfigurationError(
      isGiven ? `${option}.method` : option,
      `must be ${isGiven ? '' : 'an object with a method: '}one of ${METHODS.join('; ')}`,
    )
  }
  const settings = clientMethods[method as keyof Methods](value, option, hint)
  return 'key' in settings ? Object.freeze({ ...settings, ...signingKey(settings, option) }) : settings
})
