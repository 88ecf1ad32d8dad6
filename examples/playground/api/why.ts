import { claimsOf, FORGED_SCOPE } from '../../demo/jwt-parts.ts'
import type { WireResponse } from '../client/wire.ts'
import { reasonIn } from './explain.ts'
import type { Presentation } from './present.ts'

/**
 * Why the API responded so, in words about this very request: the sender knows which token it sent, and what it did to it.
 *
 * @param flaw what the request lacks to use a bound token
 * @returns `undefined` if the general explanation says it all
 */
export function whyOf(sent: Presentation, { status, response }: WireResponse, flaw?: string): string | undefined {
  const reason = reasonIn(response.body)
  if (reason === 'confirmation') return flaw
  if (status < 400) return accepted(sent)
  if (reason === 'no_credentials' && sent.token !== undefined) return UNSEEN[sent.place]
  if (reason === 'scope') return tooLittle(sent)
  if (reason === 'signature' && sent.variant === 'scope') {
    return `You added \`${FORGED_SCOPE}\` to the claims. The signature covers every claim, so it no longer matches: only the authorization server could sign the new ones (RFC 7515 §5.2).`
  }
  if (reason === 'inactive' && sent.variant === 'typo') {
    return 'You changed one character. The authorization server never issued such a token, so it says that it is not active (RFC 7662 §2.2).'
  }
  if (status === 401 && sent.token?.kind === 'refresh token' && sent.variant === 'whole') {
    return 'This is the refresh token. It is for the authorization server only, to get new access tokens; no API accepts it (RFC 6749 §1.5).'
  }
  return undefined
}

const FORM_OF_GET =
  'You put the token into a form body, but this is a GET: an API never reads a body there, so for the API there was no token (RFC 6750 §2.2).'

const UNSEEN: Readonly<Record<Presentation['place'], string | undefined>> = {
  form: FORM_OF_GET,
  header: undefined,
  query: undefined,
}

function accepted({ token, place, route }: Presentation): string {
  if (token === undefined)
    return 'There was no token. This route also serves anonymous callers, so its handler ran without one.'
  if (place === 'form' && route.method === 'GET') return `${FORM_OF_GET} This route serves anonymous callers too.`
  const scope = scopeOf(token.value)
  if (scope === undefined)
    return 'The API introspected the token: it is active, for this API, and permits this (RFC 7662 §2.2).'
  const permits = route.scope === undefined ? 'This route requires no scope' : `\`${route.scope}\` is among its scopes`
  return `The token is accepted: the trusted authorization server signed it, it is for this API, and it has not expired. ${permits}.`
}

function tooLittle({ token, route }: Presentation): string | undefined {
  const scope = token && scopeOf(token.value)
  if (scope === undefined || route.scope === undefined) return undefined
  const has = scope === '' ? 'this token has no scope' : `this token has only \`${scope}\``
  return `The token is valid, but ${route.method} ${route.path} requires \`${route.scope}\`, and ${has}. The client must ask for a token with more, and the user or the registration must grant it (RFC 6750 §3.1).`
}

/** The scope of a JWT; an opaque token does not show it. */
function scopeOf(token: string): string | undefined {
  return token.split('.').length === 3 ? String(claimsOf(token).scope ?? '') : undefined
}
