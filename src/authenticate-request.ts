import { type AccessToken, createAccessToken, type TokenData } from './access-token/access-token.ts'
import { sameConfirmation } from './access-token/confirmation.ts'
import type { Limits } from './config/limits.ts'
import { InvalidToken } from './errors/errors.ts'
import type { GuardContext } from './guards/guard.ts'
import { type Credential, type CredentialPolicy, readCredential, syntaxFault } from './http/credentials.ts'
import type { ResourceRequest, ResponseHeaders } from './http-message.ts'
import type { Binding } from './sender-constraint/verify-sender.ts'
import { attempt, chain, isPromise, type MaybePromise } from './util/maybe-promise.ts'
import type { Seconds } from './util/time.ts'
import type { TokenVerifier } from './verifier/token-verifier.ts'

/** What became of the credential of a request, for all guards on its way. */
export type Outcome = Authenticated | { readonly thrown: unknown }

/** A good token that has been proven to be the caller's; `undefined` where the request has no credential. */
export interface Authenticated {
  readonly token: AccessToken | undefined
  /** What goes with the response. */
  readonly headers: ResponseHeaders | undefined
}

const ANONYMOUS: Authenticated = Object.freeze({ token: undefined, headers: undefined })

/** From requests to tokens: the credential, what is true of it, and the proof that it belongs to the caller. */
export interface Authenticator {
  of(request: ResourceRequest, maxAge: Seconds): MaybePromise<Outcome>
  /** The same with a verdict that is not older than `maxAge`. */
  again(before: Outcome, maxAge: Seconds): MaybePromise<Outcome>
}

export interface AuthenticatorSettings extends Pick<CredentialPolicy, 'queryTokens' | 'formTokens' | 'schemes'> {
  readonly limits: Pick<Limits, 'token' | 'form'>
  readonly context: Pick<GuardContext, 'report'>
}

export function createAuthenticator(
  settings: AuthenticatorSettings,
  verifier: TokenVerifier,
  binding: Binding,
): Authenticator {
  const policy = { ...settings, tokenLimit: settings.limits.token, formLimit: settings.limits.form }

  function verifyCredential(
    credential: Credential,
    request: ResourceRequest,
    maxAge: Seconds,
  ): MaybePromise<Authenticated> {
    const verified = factsOf(credential, maxAge)
    return isPromise(verified)
      ? verified.then((resolved) => proven(resolved, credential, request))
      : proven(verified, credential, request)
  }

  function factsOf(credential: Credential, maxAge: Seconds): MaybePromise<TokenData> {
    try {
      const verified = verifier.verify(credential.token, maxAge)
      return isPromise(verified) ? verified.catch((thrown) => refuse(credential, thrown)) : verified
    } catch (thrown) {
      return refuse(credential, thrown)
    }
  }

  function proven(verified: TokenData, credential: Credential, request: ResourceRequest): MaybePromise<Authenticated> {
    const headers = binding.prove(verified.confirmation, credential, request)
    // Written out for bearer tokens seen before, which most requests bring: no closure and no promise.
    return isPromise(headers)
      ? headers.then((resolved) => authenticated(verified, credential, resolved))
      : authenticated(verified, credential, headers)
  }

  function authenticated(
    verified: TokenData,
    { token }: Credential,
    headers: ResponseHeaders | undefined,
  ): Authenticated {
    reportProfileViolation(verified, settings.context)
    return { token: createAccessToken(verified, token), headers }
  }

  function verifyIfPresent(credential: Credential | undefined, request: ResourceRequest, maxAge: Seconds) {
    return credential ? verifyCredential(credential, request, maxAge) : ANONYMOUS
  }

  return {
    of(request, maxAge) {
      try {
        const credential = readCredential(request, policy)
        const admission = isPromise(credential)
          ? credential.then((resolved) => verifyIfPresent(resolved, request, maxAge))
          : verifyIfPresent(credential, request, maxAge)
        return isPromise(admission) ? admission.catch(toRefusal) : admission
      } catch (thrown) {
        return toRefusal(thrown)
      }
    },
    again(before, maxAge) {
      if ('thrown' in before || !before.token) return before
      const { token, headers: fields } = before
      const renewed = (verified: TokenData): Authenticated => {
        // The proof has been used up, and holds for the binding it was made for.
        if (!sameConfirmation(verified.confirmation, token.confirmation)) throw new InvalidToken('confirmation')
        return { token: createAccessToken(verified, token.raw), headers: fields }
      }
      return attempt<Outcome, Outcome>(() => chain(verifier.verify(token.raw, maxAge), renewed), toRefusal)
    },
  }
}

/** A text that could be no token is a fault of the request, whatever else is wrong with it (RFC 6750 §3.1). */
function refuse(credential: Credential, thrown: unknown): never {
  throw syntaxFault(credential) ?? thrown
}

/** Tells that a rule on trial would have refused a token by itself; where a token is remembered, each time it comes. */
export function reportProfileViolation(verified: TokenData, context: AuthenticatorSettings['context']): void {
  if (verified.reportOnlyReason)
    context.report(new InvalidToken(verified.reportOnlyReason), { issuer: verified.issuer, format: verified.format })
}

const toRefusal = (thrown: unknown): Outcome => ({ thrown })
