import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'
import { RESOURCE } from '../../demo/orders.ts'
import type { Registration } from '../clients.ts'
import type { Fact } from '../flow.ts'
import type { Stage } from '../stage.ts'

/** A request for a code, with what the client must remember of it until the browser comes back. */
export interface AuthorizationRequest {
  readonly url: URL
  readonly state: string
  readonly nonce: string
  readonly verifier: string | undefined
  readonly facts: readonly Fact[]
}

export const WANTED = 'openid offline_access read:orders write:orders'

const MEANING: Readonly<Record<string, string>> = {
  response_type: 'a code, to be exchanged later, out of sight of the browser (RFC 6749 §4.1.1)',
  client_id: 'who asks; not a secret',
  redirect_uri: 'where the browser is sent back to; it must be one that is registered for this client (RFC 9700 §2.1)',
  scope: 'what the client would like to do; the person may agree to less',
  resource: 'the API the token is for: it becomes the audience (RFC 8707 §2)',
  state: 'a value only this browser session knows: an answer without it is not an answer to us (RFC 6749 §10.12)',
  nonce: 'comes back inside the ID token and ties it to this request',
  prompt: 'show the sign-in page each time, so that you see it here; usually left out',
  code_challenge: 'the SHA-256 of a secret that the client keeps to itself: the verifier (RFC 7636 §4.2)',
  code_challenge_method: 'how the challenge was made; the only one to use',
}

/** RFC 6749 §4.1.1, with PKCE where it is wanted (RFC 7636 §4.3). */
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
    scope: WANTED,
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
  const facts = Object.entries(parameters).map(([name, value]) => ({ name, value, meaning: MEANING[name] ?? '' }))
  return { url, state, nonce, verifier, facts }
}
