import { type BearwardError, InsufficientUserAuthentication, UseDpopNonce } from '../errors/errors.ts'
import type { HttpResponse } from '../http-message.ts'
import { type ChallengeContext, challenges, type ResponseStyle } from './challenge.ts'

/** Gives the answer to a request that is not let through. */
export type Respond = (error: BearwardError, context: ChallengeContext) => HttpResponse

/** A route gives the same few answers again and again: they are made once, and kept with the scopes of the route. */
export function createRespond(style: ResponseStyle): Respond {
  const output = new WeakMap<readonly string[], Map<string, HttpResponse>>()
  return (error, context) => {
    if (isPerRequest(error)) return responseFor(error, style, context)
    const ofRoute = output.get(context.scopes) ?? new Map<string, HttpResponse>()
    output.set(context.scopes, ofRoute)
    const name = `${error.code} ${error.reason} ${context.schemes.join()} ${context.used}`
    const response = ofRoute.get(name) ?? responseFor(error, style, context)
    ofRoute.set(name, response)
    return response
  }
}

/** Answers that hold more than their route and their reason: a `Retry-After`, a nonce, what a guard asks for. */
const isPerRequest = (error: BearwardError): boolean =>
  error.status === 503 || error instanceof UseDpopNonce || error instanceof InsufficientUserAuthentication

/**
 * RFC 6750 §3. Everything in an answer comes from the configuration or from the closed list of sentences in errors.ts.
 */
function responseFor(error: BearwardError, style: ResponseStyle, context: ChallengeContext): HttpResponse {
  const headers: Record<string, string> = {
    'Content-Type': style.body === 'problem' ? 'application/problem+json' : 'application/json',
    'Cache-Control': 'no-store',
  }
  if (error.status === 503) headers['Retry-After'] = retryAfter(error.retryAfter)
  // An outage is not the caller's fault: a challenge would make clients throw good tokens away.
  else headers['WWW-Authenticate'] = challenges(error, style, context)
  if (error instanceof UseDpopNonce) headers['DPoP-Nonce'] = error.nonce
  return Object.freeze({
    status: error.status,
    headers: Object.freeze(headers),
    body: JSON.stringify(bodyFor(error, style)),
  })
}

/** Whole seconds, at least one (RFC 9110 §10.2.3). */
const retryAfter = (seconds = 1): string => String(Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1)

const TITLES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const

function bodyFor(error: BearwardError, style: ResponseStyle): object {
  const full = style.detail === 'full'
  const named = error.error ? { error: error.error } : {}
  if (style.body === 'oauth') {
    return full ? { ...named, error_description: error.description, reason: error.reason } : named
  }
  // RFC 9457 §4.2.1: with the type about:blank the title is the phrase of the status.
  const problem = { type: 'about:blank', title: TITLES[error.status], status: error.status }
  return full ? { ...problem, detail: error.description, ...named, reason: error.reason } : { ...problem, ...named }
}
