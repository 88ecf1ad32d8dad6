import { InvalidRequest, InvalidToken } from '../errors/errors.ts'
import type { ResourceRequest } from '../http-message.ts'
import { chain, type MaybePromise } from '../util/maybe-promise.ts'
import { isToken68, joinsTwoCredentials, leadingScheme, trimOptionalWhitespace } from './grammar.ts'
import { queryHoldsToken } from './query-token.ts'

/** How an access token is presented: by itself (RFC 6750 §2.1), or beside a proof of possession (RFC 9449 §7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** The one access token a request presents. */
export interface Credential {
  readonly scheme: Scheme
  /** Not longer than tokens may be. Its characters are looked at where it turns out to be bad: see {@link syntaxFault}. */
  readonly token: string
  readonly place: 'header' | 'form'
}

/**
 * What is wrong with a credential whose token has been refused, if it could be no token by its characters: a token68
 * (RFC 9110 §11.2, RFC 6750 §2.1). No good token has others, so that good ones are not read through for this.
 */
export const syntaxFault = ({ token, place }: Credential): InvalidRequest | undefined =>
  isToken68(token) ? undefined : new InvalidRequest(SYNTAX[place])

const SYNTAX = { header: 'credentials_syntax', form: 'form_syntax' } as const

export interface CredentialPolicy {
  readonly queryTokens: 'reject' | 'ignore'
  readonly formTokens: 'off' | 'accept'
  /** The schemes this server knows; to it, others are no credentials. */
  readonly schemes: readonly Scheme[]
  /** The largest token, in characters; a token68 has one byte a character. */
  readonly tokenLimit: number
  /** The largest form body that is looked through, in characters. */
  readonly formLimit: number
}

/**
 * Finds the credential of a request, `undefined` where it has none.
 *
 * @throws {InvalidRequest} more than one credential, a token in the query, or wrong syntax after our scheme
 * @throws {InvalidToken} a token over the limit
 * @see RFC 6750 §2, §3.1; RFC 9110 §11.4; RFC 9700 §4.3.2
 */
export function readCredential(
  request: ResourceRequest,
  policy: CredentialPolicy,
): MaybePromise<Credential | undefined> {
  // First, so that a good header beside it does not excuse a token that has already leaked into logs.
  if (policy.queryTokens === 'reject' && queryHoldsToken(request.target)) throw new InvalidRequest('query_token')
  const inHeader = fromHeader(request.authorization, policy)
  if (policy.formTokens === 'off' || !request.form || !canCarryForm(request)) return inHeader
  return chain(request.form(policy.formLimit), (body) => {
    const inForm = fromForm(body, policy)
    if (inHeader && inForm) throw syntaxFault(inHeader) ?? new InvalidRequest('several_credentials')
    return inHeader ?? inForm
  })
}

function fromHeader(lines: readonly string[], policy: CredentialPolicy): Credential | undefined {
  if (lines.length === 0) return undefined
  // RFC 9110 §5.3: a field that is no list may not be repeated; two lines mean that somebody on the way may have read the other.
  if (lines.length > 1) throw new InvalidRequest('several_credentials')
  const value = trimOptionalWhitespace(lines[0] as string)
  // Before anything else, so that a runtime that joins lines gives the answer of one that does not.
  if (joinsTwoCredentials(value)) throw new InvalidRequest('several_credentials')
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
function schemeNamed(name: string, known: readonly Scheme[]): Scheme | undefined {
  const scheme = SCHEMES.get(name.toLowerCase())
  return scheme !== undefined && known.includes(scheme) ? scheme : undefined
}

/** The scheme that a refused request has come with, as far as it can be told. */
export function schemeOf({ authorization }: ResourceRequest, known: readonly Scheme[]): Scheme | undefined {
  const [line, another] = authorization
  const name = line === undefined || another !== undefined ? undefined : leadingScheme(trimOptionalWhitespace(line))
  return name === undefined ? undefined : schemeNamed(name, known)
}

/** What follows the scheme and at least one space (RFC 9110 §11.4); a tab or nothing is an empty token. */
function afterSpaces(value: string, from: number): string {
  let at = from
  while (value.charCodeAt(at) === 0x20) at++
  return at === from ? '' : value.slice(at)
}

/** RFC 6750 §2.2: a form body, single-part, and never on a method whose body has no meaning. */
function canCarryForm(request: ResourceRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const mediaType = request.contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return mediaType === 'application/x-www-form-urlencoded'
}

function fromForm(
  body: string | Readonly<Record<string, unknown>> | undefined,
  policy: CredentialPolicy,
): Credential | undefined {
  if (typeof body !== 'string' && (typeof body !== 'object' || body === null)) return undefined
  if (typeof body === 'string' && body.length > policy.formLimit) throw new InvalidRequest('form_too_large')
  const values = formTokens(typeof body === 'string' ? [...new URLSearchParams(`&${body}`)] : Object.entries(body))
  if (values.length === 0) return undefined
  if (values.length > 1) throw new InvalidRequest('several_credentials')
  const [value] = values
  if (typeof value !== 'string') throw new InvalidRequest('form_syntax')
  return credential('Bearer', value, policy.tokenLimit, 'form')
}

/**
 * What a form holds for `access_token`. Some body parsers read `access_token[]` as a list and `[access_token]` as the
 * name itself; a name with brackets counts the same whoever parsed the body, and is never one token.
 */
function formTokens(members: readonly (readonly [name: string, value: unknown])[]): readonly unknown[] {
  return members.flatMap(([name, value]) => {
    if (name === 'access_token' || name === '[access_token]') {
      return Array.isArray(value) && value.length > 1 ? value : [value]
    }
    return name.startsWith('access_token[') ? [undefined] : []
  })
}

function credential(scheme: Scheme, token: string, limit: number, place: Credential['place']): Credential {
  if (token.length > limit) throw new InvalidToken('token_too_large')
  return { scheme, token, place }
}
