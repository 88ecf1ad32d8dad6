import type { TokenEndpointResponse } from 'oauth4webapi'
import type { Said } from '../client/oauth-client.ts'
import type { Fact, HeldToken, Journal, NewEntry } from '../flow.ts'

const MEANING: Readonly<Record<string, string>> = {
  access_token: 'what the API wants to see; the client need not understand it (RFC 6749 §1.4)',
  token_type: 'how to present it: whoever bears it may use it (RFC 6750 §1.2)',
  expires_in: 'seconds it is good for (RFC 6749 §5.1)',
  scope: 'what it permits, which may be less than was asked for (RFC 6749 §3.3)',
  refresh_token: 'for new access tokens, at the authorization server only; never for the API (RFC 6749 §1.5)',
  id_token: 'tells the client who signed in; not for the API either',
}

/**
 * A token response (RFC 6749 §5.1) in words.
 *
 * @param tokenType what the type means, where it is not that whoever bears the token may use it
 */
export function factsOf(response: TokenEndpointResponse, tokenType = MEANING.token_type): Fact[] {
  return Object.entries(response)
    .filter(([name]) => name in MEANING)
    .map(([name, value]) => ({
      name,
      value: /_token$/.test(name) ? shortened(String(value)) : String(value),
      meaning: (name === 'token_type' ? tokenType : MEANING[name]) ?? '',
    }))
}

const shortened = (token: string): string => (token.length > 60 ? `${token.slice(0, 28)} … ${token.slice(-12)}` : token)

/** Everything a token response holds goes to the inspector and to the last step. */
export function keepAll(journal: Journal, response: TokenEndpointResponse): void {
  const { access_token, refresh_token, id_token, token_type } = response
  const keep = (id: string, kind: HeldToken['kind'], value: string | undefined) => {
    const scheme = token_type === 'dpop' ? 'DPoP' : 'Bearer'
    if (value !== undefined) journal.keep({ id, kind, label: kind, value, scheme })
  }
  keep('id', 'ID token', id_token)
  keep('refresh', 'refresh token', refresh_token)
  keep('access', 'access token', access_token)
}

interface Words {
  readonly title: string
  readonly text: string
  /** What a refusal means; without it, the server's own words. */
  readonly refused?: string
}

/** What came of asking for tokens. They are kept. */
export function keptOrRefused(journal: Journal, said: Said<TokenEndpointResponse>, words: Words): NewEntry {
  const exchanges = [said.exchange]
  if (!said.ok) {
    return { outcome: 'refused', title: `Refused: ${said.error}`, text: words.refused ?? said.description, exchanges }
  }
  keepAll(journal, said.result)
  return { outcome: 'good', title: words.title, text: words.text, facts: factsOf(said.result), exchanges }
}

/** What came of asking for tokens that are somebody else's. */
export function theft(who: string, said: Said<unknown>, text: string): NewEntry {
  return {
    outcome: said.ok ? 'good' : 'refused',
    title: said.ok ? `The ${who} got tokens` : `The ${who} is refused: ${said.error}`,
    text: said.ok ? 'This should not happen.' : text,
    exchanges: [{ ...said.exchange, from: 'attacker' }],
  }
}
