import { type Checked, optional, required, shape } from '../config/shape.ts'
import { absoluteUrl, bool, type Checker, headerName, list, tokenText, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { ResourceRequest } from '../http-message.ts'
import { trimOptionalWhitespace } from './grammar.ts'

/**
 * Where else a request may carry its token, besides `Authorization`. A request with more than one credential is rejected
 * (RFC 6750 §2). A token that is bound to a key by DPoP is rejected in all of these places.
 */
export interface CredentialOptions {
  /** A header that a proxy sets to the token alone, without a scheme, such as `Cf-Access-Jwt-Assertion`. */
  readonly header?: string
  /** A cookie of pages that call this API. It is ignored in requests that another site may have caused. */
  readonly cookie?: CookieCredentialOptions
  /**
   * A WebSocket subprotocol `bearer.<token>` in `Sec-WebSocket-Protocol` (RFC 6455 §1.9). The client must offer a
   * second subprotocol, which the server selects. Default: `false`.
   */
  readonly webSocketProtocol?: boolean
}

/** A cookie that contains the token. */
export interface CookieCredentialOptions {
  /** The name of the cookie, such as `__Host-token`. */
  readonly name: string
  /** Origins besides this API's own whose pages may use the cookie, such as `https://app.example.com`. */
  readonly origins?: readonly string[]
}

/** Headers that have a meaning of their own here. */
const TAKEN: readonly string[] = [
  'authorization',
  'cookie',
  'dpop',
  'host',
  'origin',
  'sec-fetch-site',
  'sec-websocket-protocol',
]

const ownHeader: Checker<string> = (value, option) => {
  const name = headerName(value, option)
  if (TAKEN.includes(name)) throw new ConfigurationError(option, `cannot be ${name}, which has another meaning`)
  return name
}

/** `cookie-name = token` (RFC 6265 §4.1.1). */
const cookieName = tokenText('the name of a cookie')

const origin: Checker<string> = (value, option) => {
  if (absoluteUrl(value, option).origin !== value)
    throw wrong(option, value, 'an origin as browsers send it, such as "https://app.example.com"')
  return value
}

export const credentialsShape = shape({
  header: optional(ownHeader),
  cookie: optional(
    shape({ name: required(cookieName, 'the cookie that contains the token'), origins: optional(list(origin)) }),
  ),
  webSocketProtocol: optional(bool, false),
})

export type CredentialSources = Checked<typeof credentialsShape.members>

/** The tokens in all enabled sources: one element each, whether they have the syntax of a token or not. */
export function tokensElsewhere(request: ResourceRequest, sources: CredentialSources): readonly string[] {
  const { header, cookie, webSocketProtocol } = sources
  return [
    ...(header === undefined ? [] : inHeader(lines(request, header))),
    ...(cookie && mayUseCookie(request, cookie.origins) ? inCookies(lines(request, 'cookie'), cookie.name) : []),
    ...(webSocketProtocol ? inProtocols(lines(request, 'sec-websocket-protocol')) : []),
  ]
}

const lines = (request: ResourceRequest, name: string): readonly string[] => request.headers?.(name) ?? []

/** Some runtimes join lines with a comma, which no token contains. */
const inHeader = (values: readonly string[]): readonly string[] =>
  values.flatMap((value) => value.split(',')).map(trimOptionalWhitespace)

/**
 * Browsers send cookies with requests that other sites cause. `same-origin` is a request of a page of ours, `none` one of the
 * user, by the address bar or a bookmark (Fetch Metadata §2.4). Browsers set both headers, pages cannot.
 */
function mayUseCookie(request: ResourceRequest, origins: readonly string[] = []): boolean {
  const site = lines(request, 'sec-fetch-site')
  if (site.length === 1 && (site[0] === 'same-origin' || site[0] === 'none')) return true
  const from = lines(request, 'origin')
  return from.length === 1 && origins.includes(from[0] as string)
}

/**
 * RFC 6265 §4.2.1, §5.4. Quotes around a value are not part of the token (§4.1.1), and do not hide a semicolon. A cookie
 * without a value is one that was cleared.
 */
function inCookies(values: readonly string[], name: string): readonly string[] {
  const found = values
    .flatMap((value) => value.split(';'))
    .map(trimOptionalWhitespace)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => unquoted(pair.slice(name.length + 1)))
  return found.length === 1 && found[0] === '' ? [] : found
}

const unquoted = (value: string): string =>
  value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value

const PROTOCOL = 'bearer.'

/** The header may have several lines (RFC 6455 §11.3.4). */
const inProtocols = (values: readonly string[]): readonly string[] =>
  values
    .flatMap((value) => value.split(','))
    .map(trimOptionalWhitespace)
    .filter((protocol) => protocol.startsWith(PROTOCOL))
    .map((protocol) => protocol.slice(PROTOCOL.length))
