import type { TokenEndpointResponse } from 'oauth4webapi'
import type { ServerResult } from '../client/speak.ts'
import type { Detail, HeldToken, Journal, NewEntry } from '../flow.ts'

const MEANING: Readonly<Record<string, string>> = {
  access_token: 'for the API; opaque to the client (RFC 6749 §1.4)',
  token_type: 'how to use it: anyone who has it can use it (RFC 6750 §1.2)',
  expires_in: 'its lifetime in seconds (RFC 6749 §5.1)',
  scope: 'what it permits, which may be less than requested (RFC 6749 §3.3)',
  refresh_token: 'for new access tokens from the authorization server; never for the API (RFC 6749 §1.5)',
  id_token: 'tells the client who signed in; not for the API',
}

/**
 * Explains a token response (RFC 6749 §5.1).
 *
 * @param tokenType the meaning of a type other than a plain bearer token
 */
export function detailsOf(response: TokenEndpointResponse, tokenType = MEANING.token_type): Detail[] {
  return Object.entries(response)
    .filter(([name]) => name in MEANING)
    .map(([name, value]) => ({
      name,
      value: /_token$/.test(name) ? shorten(String(value)) : String(value),
      meaning: (name === 'token_type' ? tokenType : MEANING[name]) ?? '',
    }))
}

const shorten = (token: string): string => (token.length > 60 ? `${token.slice(0, 28)} … ${token.slice(-12)}` : token)

/** Passes the tokens of a response to the inspector and to the last step. */
export function storeTokens(journal: Journal, response: TokenEndpointResponse): void {
  const { access_token, refresh_token, id_token, token_type } = response
  const store = (id: string, kind: HeldToken['kind'], value: string | undefined) => {
    const scheme = token_type === 'dpop' ? 'DPoP' : 'Bearer'
    if (value !== undefined) journal.store({ id, kind, label: kind, value, scheme })
  }
  store('id', 'ID token', id_token)
  store('refresh', 'refresh token', refresh_token)
  store('access', 'access token', access_token)
}

interface Words {
  readonly title: string
  readonly text: string
  /** The meaning of a refusal. Default: the server's description. */
  readonly refused?: string
}

/** The result of a token request. Stores the tokens. */
export function tokensOrRefusal(
  journal: Journal,
  response: ServerResult<TokenEndpointResponse>,
  words: Words,
): NewEntry {
  const exchanges = [response.exchange]
  if (!response.ok) {
    return {
      outcome: 'refused',
      title: `Refused: ${response.error}`,
      text: words.refused ?? response.description,
      exchanges,
    }
  }
  storeTokens(journal, response.result)
  return { outcome: 'good', title: words.title, text: words.text, details: detailsOf(response.result), exchanges }
}

/** The result of an attacker's token request. */
export function theft(who: string, response: ServerResult<unknown>, text: string): NewEntry {
  return {
    outcome: response.ok ? 'good' : 'refused',
    title: response.ok ? `The ${who} got tokens` : `The ${who} is refused: ${response.error}`,
    text: response.ok ? 'This should not happen.' : text,
    exchanges: [{ ...response.exchange, from: 'attacker' }],
  }
}
