import { InvalidRequest, InvalidToken } from '../errors.ts'
import { chain, type MaybePromise } from '../platform/maybe-promise.ts'
import type { ResourceRequest } from '../request.ts'
import { isToken68, joinsTwoCredentials, leadingScheme, trimOptionalWhitespace } from './grammar.ts'
import { queryHoldsToken } from './query.ts'

/** The one access token a request presents. */
export interface Credential {
  readonly scheme: 'Bearer'
  readonly token: string
}

export interface CredentialPolicy {
  readonly queryTokens: 'reject' | 'ignore'
  readonly formTokens: 'off' | 'accept'
  /** The largest token, in characters; a token68 has one byte a character. */
  readonly tokenLimit: number
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
  const inHeader = fromHeader(request.authorization, policy.tokenLimit)
  if (policy.formTokens === 'off' || !request.form || !canCarryForm(request)) return inHeader
  return chain(request.form(), (body) => {
    const inForm = fromForm(body, policy.tokenLimit)
    if (inHeader && inForm) throw new InvalidRequest('several_credentials')
    return inHeader ?? inForm
  })
}

function fromHeader(lines: readonly string[], limit: number): Credential | undefined {
  if (lines.length === 0) return undefined
  // RFC 9110 §5.3: a field that is no list may not be repeated; two lines mean that somebody on the way may have read the other.
  if (lines.length > 1) throw new InvalidRequest('several_credentials')
  const value = trimOptionalWhitespace(lines[0] as string)
  const scheme = leadingScheme(value)
  if (scheme?.toLowerCase() !== 'bearer') {
    if (joinsTwoCredentials(value)) throw new InvalidRequest('several_credentials')
    return undefined
  }
  return credential(afterSpaces(value, scheme.length), limit, 'credentials_syntax')
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

function fromForm(body: string | Readonly<Record<string, unknown>> | undefined, limit: number): Credential | undefined {
  if (body === undefined) return undefined
  const values = typeof body === 'string' ? new URLSearchParams(body).getAll('access_token') : member(body)
  if (values.length === 0) return undefined
  if (values.length > 1) throw new InvalidRequest('several_credentials')
  const [value] = values
  if (typeof value !== 'string') throw new InvalidRequest('form_syntax')
  return credential(value, limit, 'form_syntax')
}

/** A body parser gives a list for a repeated parameter, and an object for one with brackets. */
function member(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (!Object.hasOwn(body, 'access_token')) return []
  const value = body.access_token
  return Array.isArray(value) ? value : [value]
}

function credential(token: string, limit: number, syntax: 'credentials_syntax' | 'form_syntax'): Credential {
  if (token.length > limit) throw new InvalidToken('token_too_large')
  if (!isToken68(token)) throw new InvalidRequest(syntax)
  return { scheme: 'Bearer', token }
}
