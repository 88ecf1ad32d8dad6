import { invalidRequest, Refusal, tooLarge } from '../errors/refusal.ts'
import type { FormBody, ResourceRequest } from '../http-message.ts'
import { bytesIn } from '../util/bytes.ts'
import { mediaTypeIn } from '../util/media-type.ts'
import { isToken68, joinsTwoCredentials, leadingScheme, trimOptionalWhitespace } from './grammar.ts'
import type { PresentedRequest } from './presented.ts'
import { queryHoldsToken } from './query-token.ts'

/** How an access token is presented: alone (RFC 6750 §2.1), or with a proof of possession (RFC 9449 §7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** The one access token a request presents. */
export interface Credential {
  readonly scheme: Scheme
  /** Within the length limit. Its characters are checked only if the token is refused: see {@link syntaxRefusal}. */
  readonly token: string
  readonly place: 'header' | 'form' | 'elsewhere'
}

/**
 * The refusal of a credential that is not a token68 (RFC 9110 §11.2, RFC 6750 §2.1). Called only for refused tokens: every
 * valid token is one, so valid tokens need no scan.
 */
export const syntaxRefusal = ({ token, place }: Credential): Refusal | undefined =>
  isToken68(token) ? undefined : invalidRequest(SYNTAX[place])

const SYNTAX = { header: 'credentials_syntax', form: 'form_syntax', elsewhere: 'token_syntax' } as const

export interface CredentialPolicy {
  readonly queryTokens: 'reject' | 'ignore'
  readonly formTokens: 'off' | 'accept'
  /** The supported schemes; others are ignored. */
  readonly schemes: readonly Scheme[]
  /** The maximum length of a token in characters. */
  readonly tokenLimit: number
  /** The maximum length of a form body in characters. */
  readonly formLimit: number
}

/** Where a credential may be, other than in the body. */
type Places = Pick<PresentedRequest, 'target' | 'authorization' | 'elsewhere'>

/** The credential of a request, `undefined` if it has none. */
type Found = Credential | Refusal | undefined

/**
 * The credential in the `Authorization` header, or in another source that is enabled. Refused: more than one credential, a
 * token in the query, a token over the limit. The syntax of the token is checked by {@link syntaxRefusal}.
 *
 * @see RFC 6750 §2, §3.1; RFC 9110 §11.4; RFC 9700 §4.3.2
 */
export function readHeaderCredential(presented: Places, policy: CredentialPolicy): Found {
  // First, so that a valid header does not excuse a token that has already leaked into logs.
  if (policy.queryTokens === 'reject' && queryHoldsToken(presented.target)) return invalidRequest('query_token')
  const inHeader = fromHeader(presented.authorization, policy)
  if (presented.elsewhere.length === 0 || inHeader instanceof Refusal) return inHeader
  // Always a bearer token, so that one that is bound by DPoP is refused: there is no scheme that announces its proof.
  const others = presented.elsewhere.map((token) => credential('Bearer', token, policy.tokenLimit, 'elsewhere'))
  return onlyOne([inHeader, ...others])
}

/** RFC 6750 §2: a request with several credentials is invalid, even if all are the same. */
function onlyOne(found: readonly Found[]): Found {
  const [first, second] = found.filter((one) => one !== undefined)
  if (!first || !second) return first
  return (first instanceof Refusal ? first : syntaxRefusal(first)) ?? invalidRequest('several_credentials')
}

/** The only credential of a request, in its header or its form body (RFC 6750 §2.2). */
export async function readCredential(
  request: ResourceRequest,
  presented: Places,
  policy: CredentialPolicy,
): Promise<Found> {
  const inHeader = readHeaderCredential(presented, policy)
  if (inHeader instanceof Refusal || !mayCarryForm(request, policy)) return inHeader
  const inForm = fromForm(await request.form?.(policy.formLimit), policy)
  return inForm instanceof Refusal ? inForm : onlyOne([inHeader, inForm])
}

function fromHeader(lines: readonly string[], policy: CredentialPolicy): Found {
  if (lines.length === 0) return undefined
  // RFC 9110 §5.3: the header must not be repeated. With two lines, a proxy may have read the other one.
  if (lines.length > 1) return invalidRequest('several_credentials')
  const value = trimOptionalWhitespace(lines[0] as string)
  // First, so that runtimes that join lines and runtimes that do not lead to the same response.
  if (joinsTwoCredentials(value)) return invalidRequest('several_credentials')
  const name = leadingScheme(value)
  const scheme = name === undefined ? undefined : schemeNamed(name, policy.schemes)
  if (name === undefined || scheme === undefined) return undefined
  return credential(scheme, afterSpaces(value, name.length), policy.tokenLimit, 'header')
}

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])

/** Schemes are compared without regard to case (RFC 9110 §11.1). */
function schemeNamed(name: string, supported: readonly Scheme[]): Scheme | undefined {
  const scheme = name === 'Bearer' ? name : SCHEMES.get(name.toLowerCase())
  return scheme !== undefined && supported.includes(scheme) ? scheme : undefined
}

/** The scheme of a refused request, if it has exactly one. */
export function schemeOf({ authorization }: ResourceRequest, supported: readonly Scheme[]): Scheme | undefined {
  const [line, another] = authorization
  const name = line === undefined || another !== undefined ? undefined : leadingScheme(trimOptionalWhitespace(line))
  return name === undefined ? undefined : schemeNamed(name, supported)
}

/** What follows the scheme and at least one space (RFC 9110 §11.4); a tab or nothing is an empty token. */
function afterSpaces(value: string, from: number): string {
  let at = from
  while (value.charCodeAt(at) === 0x20) at++
  return at === from ? '' : value.slice(at)
}

/** RFC 6750 §2.2: a single-part form body, and a method whose body has a meaning. */
export function mayCarryForm(request: ResourceRequest, policy: CredentialPolicy): boolean {
  if (policy.formTokens === 'off' || !request.form) return false
  if (request.method === 'GET' || request.method === 'HEAD') return false
  return mediaTypeIn(request.contentType) === 'application/x-www-form-urlencoded'
}

function fromForm(given: FormBody, policy: CredentialPolicy): Found {
  const bytes = bytesIn(given) // of a parser that does not decode
  // A character has at most three bytes.
  if (bytes && bytes.length > 3 * policy.formLimit) return invalidRequest('form_too_large')
  const body = bytes ? new TextDecoder().decode(bytes) : given
  if (typeof body !== 'string' && (typeof body !== 'object' || body === null)) return undefined
  if (typeof body === 'string' && body.length > policy.formLimit) return invalidRequest('form_too_large')
  const values = formTokens(typeof body === 'string' ? [...new URLSearchParams(`&${body}`)] : Object.entries(body))
  if (values.length === 0) return undefined
  if (values.length > 1) return invalidRequest('several_credentials')
  const [value] = values
  if (typeof value !== 'string') return invalidRequest('form_syntax')
  return credential('Bearer', value, policy.tokenLimit, 'form')
}

/**
 * The values of `access_token` in a form. Some body parsers read `access_token[]` as a list and `[access_token]` as the
 * name itself. Names with brackets are treated the same for every body parser, and are never a valid token.
 */
function formTokens(members: readonly (readonly [name: string, value: unknown])[]): readonly unknown[] {
  return members.flatMap(([name, value]) => {
    if (name === 'access_token' || name === '[access_token]') {
      return Array.isArray(value) && value.length > 1 ? value : [value]
    }
    return name.startsWith('access_token[') ? [undefined] : []
  })
}

function credential(scheme: Scheme, token: string, limit: number, place: Credential['place']): Credential | Refusal {
  if (token.length > limit) return tooLarge(token.length, limit, 'limits.token')
  return { scheme, token, place }
}
