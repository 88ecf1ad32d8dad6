import { type Checker, member, oneOrList, textThat } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { firstTwice } from '../util/first-twice.ts'
import { recordSecretsOf, SECRET_MISSING, type SharedStores } from './record-secrets.ts'
import type { IssuerSettings } from './settings.ts'

/** The settings of one issuer, and the path of the option that they are from. */
export interface NamedSettings {
  readonly settings: IssuerSettings
  readonly option: string
}

/**
 * Checks what the options of issuers say about introspection together, and with the stores.
 *
 * @throws {ConfigurationError}
 */
export type CheckIntrospection = (issuers: readonly NamedSettings[], stores: SharedStores) => void

/** A prefix that is not token68 would match no token. */
const prefix = textThat(isToken68, 'the first characters of a token')

export const tokenPrefix: Checker<readonly string[]> = (value, option) =>
  Object.freeze([...new Set(oneOrList(prefix)(value, option))])

export const checkIntrospection: CheckIntrospection = (issuers, stores) => {
  for (const issuer of issuers) {
    checkMembers(issuer)
    requireSharable(issuer, stores)
  }
  checkPrefixes(issuers)
}

function checkMembers({ settings, option }: NamedSettings): void {
  const { keys, introspection, tokenPrefix } = settings
  if (keys.from === 'nowhere' && introspection?.by === 'endpoint' && introspection.signed)
    throw new ConfigurationError(`${option}.introspection.signed`, 'needs keys to verify the responses; keys is null')
  if (tokenPrefix && !introspection)
    throw new ConfigurationError(
      member(option, 'tokenPrefix'),
      'is for opaque tokens: it needs introspection or introspect',
    )
}

/**
 * What an issuer needs if its responses are in a shared store: a name, if they are the results of a function, because only
 * the name distinguishes them from those of another one; and a secret that authenticates them.
 */
function requireSharable({ settings, option }: NamedSettings, stores: SharedStores): void {
  const { introspection } = settings
  if (!stores.introspection || !introspection) return
  if (introspection.by === 'function' && introspection.name === undefined) {
    throw new ConfigurationError(
      `${option}.introspect.name`,
      'is missing: it identifies the function in stores.introspection',
    )
  }
  if (!recordSecretsOf(settings, stores)) throw new ConfigurationError('stores.secret', SECRET_MISSING)
}

function checkPrefixes(issuers: readonly NamedSettings[]): void {
  const shared = firstTwice(issuers.flatMap(({ settings }) => settings.tokenPrefix ?? []))
  if (shared !== undefined) throw new ConfigurationError('issuer', `gives the tokenPrefix ${shared} to two issuers`)
  const [, second] = issuers.filter(({ settings }) => settings.introspection && !settings.tokenPrefix)
  if (second) {
    throw new ConfigurationError(
      `${second.option}.tokenPrefix`,
      'is missing: an opaque token does not name its issuer, so only one issuer may omit its prefix',
    )
  }
}
