import type { Endpoint, HttpResponse, RequestContent } from '../http-message.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { equalsInConstantTime } from '../util/mac.ts'
import { mediaTypeIn } from '../util/media-type.ts'
import type { EntryMembers } from './entry.ts'
import type { SharedSignalsSettings } from './options.ts'
import { issuedAt, type Receiver } from './receiver.ts'
import { NO_STORE, type Problem, Rejection, responseTo } from './rejection.ts'
import { textOf } from './request-body.ts'
import type { SecurityToken } from './security-token.ts'
import { targetsOf } from './subject.ts'
import type { Transmitters } from './transmitters.ts'

const SCHEMAS = 'https://schemas.openid.net/secevent/'
const SESSION_REVOKED = `${SCHEMAS}caep/event-type/session-revoked`
const VERIFICATION = `${SCHEMAS}ssf/event-type/verification`

/** The events after which the tokens of their subject are revoked (CAEP 1.0, RISC 1.0). */
const REVOKING: readonly string[] = [
  SESSION_REVOKED,
  `${SCHEMAS}caep/event-type/credential-change`,
  `${SCHEMAS}caep/event-type/token-claims-change`,
  `${SCHEMAS}risc/event-type/account-disabled`,
  `${SCHEMAS}risc/event-type/account-purged`,
  `${SCHEMAS}risc/event-type/sessions-revoked`,
]

const ACCEPTED: HttpResponse = Object.freeze({ status: 202, headers: NO_STORE, body: '' })

/** The error codes of RFC 8935 §2.4. */
const ERRORS: { readonly [Name in Problem]?: string } = {
  issuer: 'invalid_issuer',
  audience: 'invalid_audience',
  signature: 'invalid_key',
  algorithm: 'invalid_key',
  authorization: 'authentication_failed',
  denied: 'access_denied',
}

/**
 * The endpoint to which transmitters push security events.
 *
 * @see RFC 8935; RFC 8417; Shared Signals Framework 1.0
 */
export function createSharedSignals(
  { audience, authorization }: SharedSignalsSettings,
  transmitters: Transmitters,
  receiver: Receiver,
): Endpoint {
  const rules = {
    types: ['secevent+jwt'],
    expires: false,
    audienceOf: () => audience,
    signerOf: transmitters.signerOf,
  }

  async function receive(method: string, content: RequestContent): Promise<Rejection | undefined> {
    if (method !== 'POST') return new Rejection('method')
    if (authorization !== undefined && !isAuthorized(content, authorization)) return new Rejection('authorization')
    if (mediaTypeIn(content.contentType) !== 'application/secevent+jwt') return new Rejection('media_type')
    const raw = await textOf(content)
    if (raw instanceof Rejection) return raw
    const token = await receiver.verify(raw, rules)
    if (token instanceof Rejection) return token
    const revocations = revocationsOf(token, transmitters.issuersOf(token.issuer), receiver)
    if (revocations instanceof Rejection) return revocations
    for (const members of revocations) {
      const rejection = await receiver.revoke(members, token)
      if (rejection) return rejection
    }
    return undefined
  }

  return {
    async respond(method, _, content) {
      const rejection = await receive(method, content)
      if (!rejection) return ACCEPTED
      receiver.rejected(rejection)
      const { problem, description } = rejection
      return responseTo(
        rejection,
        { err: ERRORS[problem] ?? 'invalid_request', description },
        {
          'Content-Language': 'en',
          ...(problem === 'authorization' && { 'WWW-Authenticate': challengeFor(authorization) }),
        },
      )
    },
  }
}

/**
 * RFC 9110 §15.5.2 requires a challenge. It names no other scheme than these two: the value is a secret, and without a
 * scheme its first word is all of it.
 */
const challengeFor = (required = ''): string => (/^basic /i.test(required) ? 'Basic' : 'Bearer')

function isAuthorized({ authorization: [value, another] }: RequestContent, required: string): boolean {
  return value !== undefined && another === undefined && equalsInConstantTime(value, required)
}

/** All that the events of a token revoke. One that cannot be understood rejects the whole token. */
function revocationsOf(
  token: SecurityToken,
  issuers: readonly string[],
  receiver: Receiver,
): readonly EntryMembers[] | Rejection {
  const { events, jti, sub_id: subject } = token.claims
  if (typeof jti !== 'string' || jti === '') return new Rejection('id')
  if (!isObject(events) || Object.keys(events).length === 0 || !Object.values(events).every(isObject))
    return new Rejection('event')
  const found: EntryMembers[] = []
  for (const [type, event] of Object.entries(events) as [string, JsonObject][]) {
    if (!REVOKING.includes(type)) {
      receiver.ignored(type === VERIFICATION ? 'verification' : 'unknown_event')
      continue
    }
    const before = timeOf(event, token, receiver)
    if (before instanceof Rejection) return before
    // Earlier drafts have the subject in the event.
    const targets = targetsOf(subject ?? event.subject, type === SESSION_REVOKED, issuers, before)
    if (targets instanceof Rejection) return targets
    found.push(...targets)
  }
  return found
}

/** Clocks may differ by a minute. Later times, such as milliseconds, would revoke tokens that do not exist yet. */
const TOLERANCE = 60

function timeOf({ event_timestamp: stated }: JsonObject, token: SecurityToken, receiver: Receiver): number | Rejection {
  if (stated === undefined) return issuedAt(token)
  const isTime = typeof stated === 'number' && stated >= 0 && stated <= receiver.now() + TOLERANCE
  return isTime ? stated : new Rejection('time')
}
