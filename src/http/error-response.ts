import type { Reason } from '../errors/reasons.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { HttpResponse } from '../http-message.ts'
import { type ChallengeContext, challenges, type ResponseStyle } from './challenge.ts'

/** The response to a request that is refused. */
export type Respond = (refusal: Refusal, context: ChallengeContext) => HttpResponse

/** A response, with what it depends on besides the reason and the scopes of the route. */
interface Cached extends Pick<ChallengeContext, 'schemes' | 'used'>, Pick<Refusal, 'claim'> {
  readonly resourceMetadata: string | undefined
  readonly response: HttpResponse
}

/** A route has few distinct responses: each is created once, and cached with the scopes of the route. */
export function createRespond(style: ResponseStyle): Respond {
  const cache = new WeakMap<readonly string[], Map<Reason, Cached[]>>()

  function cachedWith(scopes: readonly string[], reason: Reason): Cached[] {
    const ofRoute = cache.get(scopes) ?? new Map<Reason, Cached[]>()
    const ofReason = ofRoute.get(reason) ?? []
    if (ofReason.length === 0) cache.set(scopes, ofRoute.set(reason, ofReason))
    return ofReason
  }

  return (refusal, context) => {
    if (isPerRequest(refusal)) return responseFor(refusal, style, context)
    const { claim } = refusal
    const { schemes, used } = context
    const resourceMetadata = style.resourceMetadata()
    const cached = cachedWith(context.scopes, refusal.reason)
    // Member by member: a text of all of them, as a key, would cost more than the rest of a refusal.
    const found = cached.find(
      (one) =>
        one.claim === claim &&
        one.schemes === schemes &&
        one.used === used &&
        one.resourceMetadata === resourceMetadata,
    )
    if (found) return found.response
    const response = responseFor(refusal, style, context)
    cached.push({ claim, schemes, used, resourceMetadata, response })
    return response
  }
}

/**
 * Responses with more than a reason: the scopes to ask for, a `Retry-After`, a nonce, the sign-in that a guard requires.
 */
const isPerRequest = ({ kind: { name }, details }: Refusal): boolean =>
  details.scopes !== undefined ||
  name === 'Unavailable' ||
  name === 'UseDpopNonce' ||
  name === 'InsufficientUserAuthentication'

/** RFC 6750 §3. Everything in a response comes from the configuration or from the closed list in errors/reasons.ts. */
function responseFor(refusal: Refusal, style: ResponseStyle, context: ChallengeContext): HttpResponse {
  const { status, details } = refusal
  const headers: Record<string, string> = {
    'Content-Type': style.body === 'problem' ? 'application/problem+json' : 'application/json',
    'Cache-Control': 'no-store',
  }
  // An outage is not the caller's fault: a challenge would make clients discard valid tokens.
  if (status === 503) headers['Retry-After'] = retryAfter(details.retryAfter)
  else headers['WWW-Authenticate'] = challenges(refusal, style, context)
  if (details.nonce !== undefined) headers['DPoP-Nonce'] = details.nonce
  return Object.freeze({
    status,
    headers: Object.freeze(headers),
    body: JSON.stringify(bodyFor(refusal, style)),
  })
}

/** Whole seconds, at least one (RFC 9110 §10.2.3). */
const retryAfter = (seconds = 1): string => String(Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : 1)

const TITLES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const

function bodyFor({ kind, reason, description, status }: Refusal, style: ResponseStyle): object {
  const full = style.detail === 'full'
  const error = kind.error ? { error: kind.error } : {}
  if (style.body === 'oauth') return full ? { ...error, error_description: description, reason } : error
  // RFC 9457 §4.2.1: with the type about:blank, the title is the phrase of the status code.
  const problem = { type: 'about:blank', title: TITLES[status], status }
  return full ? { ...problem, detail: description, ...error, reason } : { ...problem, ...error }
}
