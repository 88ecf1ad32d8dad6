import type { Answer } from '../answer.ts'
import type { BearwardError } from '../errors.ts'
import { isScopeToken, quotedParameter } from './grammar.ts'

export interface AnswerStyle {
  readonly realm: string
  /** Where the protected resource metadata is (RFC 9728 §5.1). */
  readonly resourceMetadata: string
  readonly body: 'oauth' | 'problem'
  readonly detail: 'full' | 'minimal'
}

/**
 * Gives the answer to a request that is not let through.
 *
 * @param scopes what to ask for: those the route needs, where a token with them would help
 */
export type Respond = (error: BearwardError, scopes?: readonly string[]) => Answer

/** A route gives the same few answers again and again: they are made once, and kept with the scopes of the route. */
export function createRespond(style: AnswerStyle): Respond {
  const made = new WeakMap<readonly string[], Map<string, Answer>>()
  return (error, scopes = error.scopes) => {
    if (error.status === 503) return answerFor(error, style, scopes) // its Retry-After is another one each time
    const ofRoute = made.get(scopes) ?? new Map<string, Answer>()
    made.set(scopes, ofRoute)
    const name = `${error.code} ${error.reason}`
    const answer = ofRoute.get(name) ?? answerFor(error, style, scopes)
    ofRoute.set(name, answer)
    return answer
  }
}

/**
 * RFC 6750 §3. Everything in an answer comes from the configuration or from the closed list of sentences in errors.ts.
 */
function answerFor(error: BearwardError, style: AnswerStyle, scopes: readonly string[]): Answer {
  const headers: Record<string, string> = {
    'Content-Type': style.body === 'problem' ? 'application/problem+json' : 'application/json',
    'Cache-Control': 'no-store',
  }
  if (error.status === 503) headers['Retry-After'] = retryAfter(error.retryAfter)
  // An outage is not the caller's fault: a challenge would make clients throw good tokens away.
  else headers['WWW-Authenticate'] = challenge(error, style, scopes)
  return Object.freeze({
    status: error.status,
    headers: Object.freeze(headers),
    body: JSON.stringify(bodyFor(error, style)),
  })
}

/** Whole seconds, at least one (RFC 9110 §10.2.3). */
const retryAfter = (seconds = 1): string => String(Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1)

function challenge(error: BearwardError, style: AnswerStyle, scopes: readonly string[]): string {
  const scope = scopes.filter(isScopeToken).join(' ')
  const parameters = [
    quotedParameter('realm', style.realm),
    error.error && quotedParameter('error', error.error),
    error.error && style.detail === 'full' && quotedParameter('error_description', error.description),
    scope && quotedParameter('scope', scope),
    quotedParameter('resource_metadata', style.resourceMetadata),
  ]
  return `Bearer ${parameters.filter(Boolean).join(', ')}`
}

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
