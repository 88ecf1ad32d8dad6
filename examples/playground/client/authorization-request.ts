import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'
import { RESOURCE } from '../../demo/orders.ts'
import type { Registration } from '../clients.ts'
import type { Detail } from '../flow.ts'
import type { Stage } from '../stage.ts'

/** An authorization request, with the values that the client stores until the browser returns. */
export interface AuthorizationRequest {
  readonly url: URL
  readonly state: string
  readonly nonce: string
  readonly verifier: string | undefined
  readonly details: readonly Detail[]
}

export const SCOPE = 'openid offline_access read:orders write:orders'

const MEANING: Readonly<Record<string, string>> = {
  response_type: 'a code, which the client exchanges later without the browser (RFC 6749 §4.1.1)',
  client_id: 'the client; not a secret',
  redirect_uri: 'where to send the browser back; must be registered for this client (RFC 9700 §2.1)',
  scope: 'what the client wants to do; the user may grant less',
  resource: 'the API the token is for: it becomes the audience (RFC 8707 §2)',
  state: 'a value that only this browser session has: it ties the response to this request (RFC 6749 §10.12)',
  nonce: 'returned in the ID token, which it ties to this request',
  prompt: 'always displays the sign-in page, so that you see it; usually omitted',
  code_challenge: 'the SHA-256 of the verifier, a secret that the client keeps (RFC 7636 §4.2)',
  code_challenge_method: 'the hash of the challenge; the only one to use',
}

/** RFC 6749 §4.1.1, optionally with PKCE (RFC 7636 §4.3). */
export async function requestCode(
  { metadata, redirectUri }: Pick<Stage, 'metadata' | 'redirectUri'>,
  { id }: Registration,
  { pkce }: { readonly pkce: boolean },
): Promise<AuthorizationRequest> {
  const verifier = pkce ? generateRandomCodeVerifier() : undefined
  const state = generateRandomState()
  const nonce = generateRandomNonce()
  const parameters = {
    response_type: 'code',
    client_id: id,
    redirect_uri: redirectUri,
    scope: SCOPE,
    resource: RESOURCE,
    state,
    nonce,
    prompt: 'login consent',
    ...(verifier !== undefined && {
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  }
  const url = new URL(metadata.authorization_endpoint as string)
  url.search = new URLSearchParams(parameters).toString()
  const details = Object.entries(parameters).map(([name, value]) => ({ name, value, meaning: MEANING[name] ?? '' }))
  return { url, state, nonce, verifier, details }
}
