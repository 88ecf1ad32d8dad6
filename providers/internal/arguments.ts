import {
  absoluteUrl,
  type Checker,
  identifier,
  list,
  oneOrList,
  refuseMetadata,
  textThat,
  wrong,
} from '../../src/config/validate.ts'
import { ConfigurationError } from '../../src/errors/errors.ts'

// Checks of the arguments of presets. A wrong argument would make an issuer that no token names, so that every token is
// refused; here it is refused at construction.

/** A check by a pattern of the whole string. */
export const matching = (pattern: RegExp, expected: string): Checker<string> =>
  textThat((value) => pattern.test(value), expected)

const DOMAIN = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]{0,61}[a-z\d](?::\d{1,5})?$/

/** A host name, as it is in the tokens' `iss`: without the default port. */
export const domain: Checker<string> = textThat(
  (value) => DOMAIN.test(value) && URL.canParse(`https://${value}`) && new URL(`https://${value}`).host === value,
  'a domain in lower case, such as "login.example.com", without https:// and without a path',
)

/** The URL that the path of an issuer is appended to, without a slash at its end. */
export const baseUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(option, value, 'an https URL')
  if (/[?#]/.test(value as string)) throw new ConfigurationError(option, 'must not have a query or a fragment')
  refuseMetadata(value as string, option)
  // Without the lookbehind, many slashes in the middle would cost the square of their number.
  return (value as string).replace(/(?<!\/)\/+$/, '')
}

/** The `issuer` of a provider's own configuration, exactly as it is there. */
export const issuerUrl: Checker<string> = (value, option) => {
  baseUrl(value, option)
  return value as string
}

/** A URL as `baseUrl`, without the path of a page or an API of the provider, at which people copy it. */
export const baseUrlBefore =
  (page: RegExp): Checker<string> =>
  (value, option) => {
    const url = baseUrl(value, option)
    const found = page.exec(url)
    if (!found) return url
    const base = url.slice(0, found.index)
    throw new ConfigurationError(option, `must be without ${found[0]}; use ${JSON.stringify(base)}`)
  }

/** One part of a URL's path: it must not change the URL that it becomes a part of. */
export const pathSegment: Checker<string> = matching(/^[\w.~ -]*[\w~-][\w.~ -]*$/, 'a name, without "/"')

const GUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

export const isGuid = (value: unknown): value is string => typeof value === 'string' && GUID.test(value)

/** A GUID in lower case, as tokens have it. */
export const guid: Checker<string> = (value, option) =>
  matching(GUID, 'a GUID such as "11111111-2222-3333-4444-555555555555"')(value, option).toLowerCase()

export const audiences: Checker<readonly string[]> = oneOrList(identifier)

export const names: Checker<readonly string[]> = list(identifier)
