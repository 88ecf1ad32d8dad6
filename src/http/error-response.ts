import { type BearwardError, InsufficientUserAuthentication, UseDpopNonce } from '../errors/errors.ts'
import type { Answer } from '../http-message.ts'
import { type Addressee, type AnswerStyle, challenges } from './challenge.ts'

/** Gives the answer to a request that is not let through. */
export type Respond = (error: BearwardError, addressee: Addressee) => Answer

/** A route gives the same few answers again and again: they are made once, and kept with the scopes of the route. */
export function createRespond(style: AnswerStyle): Respond {
  const made = new WeakMap<readonly string[], Map<string, Answer>>()
  return (error, addressee) => {
    if (isOfTheMoment(error)) return answerFor(error, style, addressee)
    const ofRoute = made.get(addressee.scopes) ?? new Map<string, Answer>()
    made.set(addressee.scopes, ofRoute)
    const name = `${error.code} ${error.reason} ${addressee.schemes.join()} ${addressee.used}`
    const answer = ofRoute.get(name) ?? answerFor(error, style, addressee)
    ofRoute.set(name, answer)
    return answer
  }
}

/** Answers that hold more than their route and their reason: a `Retry-After`, a nonce, what a guard asks for. */
const isOfTheMoment = (error: BearwardError): boolean =>
  error.status === 503 || error instanceof UseDpopNonce || error instanceof InsufficientUserAuthentication

/**
 * RFC 6750 §3. Everything in an answer comes from the configuration or from the closed list of sentences in errors.ts.
 */
function answerFor(error: BearwardError, style: AnswerStyle, addressee: Addressee): Answer {
  const headers: Record<string, string> = {
    'Content-Type': style.body === 'problem' ? 'application/problem+json' : 'application/json',
    'Cache-Control': 'no-store',
  }
  if (error.status === 503) headers['Retry-After'] = retryAfter(error.retryAfter)
  // An outage is not the caller's fault: a challenge would make clients throw good tokens away.
  else headers['WWW-Authenticate'] = challenges(error, style, addressee)
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

function bodyFor(error: BearwardError, style: AnswerStyle): object {
  const full = style.detail === 'full'
  const named = error.error ? { error: error.error } : {}
  if (style.body === 'oauth') {
    return full ? { ...named, error_description: error.description, reason: error.reason } : named
  }
  // RFC 9457 §4.2.1: with the type about:blank the title is the phrase of the status.
  const problem = { type: 'about:blank', title: TITLES[error.status], status: error.status }
  return full ? { ...problem, detail: error.description, ...named, reason: error.reason } : { ...problem, ...named }
}
