import type { Endpoint, HttpResponse, RequestContent } from '../http-message.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { mediaTypeIn } from '../util/media-type.ts'
import type { EntryMembers } from './entry.ts'
import type { Receiver } from './receiver.ts'
import { NO_STORE, Rejection, responseTo } from './rejection.ts'
import { formValue } from './request-body.ts'
import { configuredSigner, type SecurityToken } from './security-token.ts'
import { isName } from './subject.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

const OK: HttpResponse = Object.freeze({ status: 200, headers: NO_STORE, body: '' })

/**
 * The endpoint to which authorization servers send logout tokens.
 *
 * @param clientsOf the clients of an issuer whose logout tokens are for us
 * @see OpenID Connect Back-Channel Logout 1.0 §2.5–2.8
 */
export function createBackchannelLogout(
  clientsOf: (issuer: string) => readonly string[] | undefined,
  receiver: Receiver,
): Endpoint {
  const rules = {
    types: ['logout+jwt', 'jwt', undefined],
    expires: true,
    audienceOf: clientsOf,
    signerOf: configuredSigner,
  }

  async function receive(method: string, content: RequestContent): Promise<Rejection | undefined> {
    if (method !== 'POST') return new Rejection('method')
    if (mediaTypeIn(content.contentType) !== 'application/x-www-form-urlencoded') return new Rejection('media_type')
    const raw = await formValue(content, 'logout_token')
    if (raw instanceof Rejection) return raw
    const token = await receiver.verify(raw, rules)
    if (token instanceof Rejection) return token
    const members = logoutOf(token)
    return members instanceof Rejection ? members : receiver.revoke(members, token)
  }

  return {
    async respond(method, _, content) {
      const rejection = await receive(method, content)
      if (!rejection) return OK
      receiver.rejected(rejection)
      return responseTo(rejection, { error: 'invalid_request', error_description: rejection.description })
    },
  }
}

/** What a logout token revokes (§2.4, §2.6). */
function logoutOf({ issuer, claims }: SecurityToken): EntryMembers | Rejection {
  const { events, sub, sid, iat } = claims
  if (!isObject(events) || !Object.hasOwn(events, EVENT) || !isObject(events[EVENT])) return new Rejection('event')
  if (Object.hasOwn(claims, 'nonce')) return new Rejection('nonce')
  if (![sub, sid].every((value) => value === undefined || isName(value))) return new Rejection('subject')
  if (sub === undefined && sid === undefined) return new Rejection('subject')
  const named = { issuer, sub, sid } as EntryMembers & JsonObject
  // A session is over whenever its tokens were issued.
  return sub === undefined ? named : { ...named, before: iat as number }
}
