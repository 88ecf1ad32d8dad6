import { type Checker, isAbsoluteUrl, NO_USER, refuseMetadata, shown, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isSecureUrl } from '../util/secure-url.ts'

/** The name of an issuer, and the path of the option that gave it. */
export interface IssuerName {
  readonly name: string
  readonly option: string
}

/** RFC 7519 §4.1.1: any string. {@link requireIssuerUrl} checks the names from which metadata is discovered. */
export const issuerName: Checker<IssuerName> = (value, option) => {
  if (typeof value !== 'string' || value === '') throw wrong(option, value, 'an absolute URL')
  if (value !== value.trim() || /\p{Cc}/u.test(value))
    throw wrong(option, value, 'an absolute URL, without space around it and without control characters')
  refuseMetadata(value, option)
  if (value.endsWith('/.well-known/jwks.json'))
    throw new ConfigurationError(
      option,
      'is the URL of a key set; set it to the iss of the tokens, and keys to this URL',
    )
  return { name: value, option }
}

/** @throws {ConfigurationError} if no metadata can be discovered from it */
export function requireIssuerUrl({ name, option }: IssuerName, allowInsecureRequests: boolean): void {
  const problem = problemOf(name, allowInsecureRequests)
  if (problem) throw new ConfigurationError(option, problem)
}

/** Whether metadata can refer to the issuer (RFC 9728 §2). */
export const isIssuerUrl = (name: string, allowInsecureRequests: boolean): boolean =>
  problemOf(name, allowInsecureRequests) === undefined

/** RFC 8414 §2: an https URL without query or fragment. */
function problemOf(name: string, allowInsecureRequests: boolean): string | undefined {
  if (!isAbsoluteUrl(name)) return `must be an absolute URL; got ${shown(name)} (${OTHER_NAMES})`
  const url = new URL(name)
  if (url.username || url.password) return NO_USER
  if (!(isSecureUrl(url) || (allowInsecureRequests && url.protocol === 'http:')))
    return `${MUST_BE_HTTPS}; to reach the issuer at another URL, set internalUrl (${OTHER_NAMES})`
  // By its characters: the parser drops an empty query.
  return /[?#]/.test(name) ? 'must not have a query or a fragment' : undefined
}

const OTHER_NAMES = 'with keys, and introspection.endpoint if tokens are introspected, it may be any string'

export const MUST_BE_HTTPS = 'must be https (http only on loopback, or with allowInsecureRequests: true)'
