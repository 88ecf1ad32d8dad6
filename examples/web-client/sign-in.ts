import { createHash } from 'node:crypto'
import type { Request } from 'express'
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { problemIn } from './failures.ts'
import type { Grants } from './grants.ts'
import { Problem } from './problems.ts'
import type { Provider } from './provider.ts'
import { browserOf, renewSession } from './sessions.ts'
import type { Store } from './store.ts'

export const CALLBACK = '/callback'

/** Seconds to finish a sign-in. */
const LIFETIME = 5 * 60
/** Seconds for which we can still tell an expired sign-in from one that never was. */
const STATE_LIFETIME = 60 * 60

interface Pending {
  readonly browser: string
  readonly verifier: string
  readonly nonce: string
  readonly expires: number
}

export interface SignInParts {
  readonly origin: URL
  readonly store: Store
  readonly provider: Provider
  readonly grants: Grants
  readonly now: () => number
}

/** The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1). */
export class SignIn {
  readonly #parts: SignInParts

  constructor(parts: SignInParts) {
    this.#parts = parts
  }

  /** @returns where to send the browser */
  async begin(request: Request): Promise<URL> {
    const { origin, store, provider, now } = this.#parts
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
    try {
      const config = await provider.configuration()
      const pending: Pending = { browser: await browserOf(request), verifier, nonce, expires: now() + LIFETIME * 1000 }
      await store.set(keyOf(state), JSON.stringify(pending), STATE_LIFETIME)
      return buildAuthorizationUrl(config, {
        redirect_uri: new URL(CALLBACK, origin).href,
        scope: provider.scope,
        state,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(provider.hasIdTokens && { nonce }),
        ...provider.parameters,
      })
    } catch (thrown) {
      throw problemIn(thrown)
    }
  }

  /** The browser is back: exchanges the code, and signs this browser in. */
  async finish(request: Request): Promise<void> {
    const { origin, provider, grants } = this.#parts
    const { state } = request.query
    if (typeof state !== 'string') throw new Problem('unknown_state')
    const { verifier, nonce } = await this.#take(state, request.session.browser)
    try {
      const config = await provider.configuration()
      // Our own origin: the Host of a request proves nothing.
      const tokens = await authorizationCodeGrant(config, new URL(request.originalUrl, origin), {
        expectedState: state,
        pkceCodeVerifier: verifier,
        ...(provider.hasIdTokens && { expectedNonce: nonce, idTokenExpected: true }),
      })
      const previous = request.session.grant
      await renewSession(request, await grants.open(tokens, await provider.user(tokens)))
      await grants.close(previous).catch(() => undefined) // from a sign-in in another tab
    } catch (thrown) {
      throw problemIn(thrown)
    }
  }

  /** Each `state` works once, within five minutes, and in the browser that began. */
  async #take(state: string, browser: string | undefined): Promise<Pending> {
    const { store, now } = this.#parts
    const text = await store.get(keyOf(state))
    const pending = text === undefined ? undefined : (JSON.parse(text) as Pending)
    // With an attacker's code in your browser, you would work in the attacker's account (RFC 6749 §10.12).
    if (pending === undefined || pending.browser !== browser) throw new Problem('unknown_state')
    if (!(await store.claim(`${keyOf(state)}:used`, STATE_LIFETIME))) throw new Problem('used_state')
    if (pending.expires <= now()) throw new Problem('expired_state')
    return pending
  }
}

/** The value comes from a URL, so its length is unknown. */
const keyOf = (state: string): string => `sign-in:${createHash('sha256').update(state).digest('base64url')}`
