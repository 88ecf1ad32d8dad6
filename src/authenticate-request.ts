import { type AccessToken, createAccessToken, type TokenFacts } from './access-token/access-token.ts'
import { sameConfirmation } from './access-token/confirmation.ts'
import type { Limits } from './config/limits.ts'
import { InvalidToken } from './errors/errors.ts'
import type { GuardContext } from './guards/guard.ts'
import { type Credential, type CredentialPolicy, readCredential, syntaxFault } from './http/credentials.ts'
import type { ResourceRequest, ResponseFields } from './http-message.ts'
import type { Binding } from './sender-constraint/verify-sender.ts'
import { attempt, chain, isPromise, type MaybePromise } from './util/maybe-promise.ts'
import type { Seconds } from './util/time.ts'
import type { TokenVerifier } from './verifier/token-verifier.ts'

/** What became of the credential of a request, for all guards on its way. */
export type Outcome = Admission | { readonly thrown: unknown }

/** A good token that has been proven to be the caller's; `undefined` where the request has no credential. */
export interface Admission {
  readonly token: AccessToken | undefined
  /** What goes with the response. */
  readonly fields: ResponseFields | undefined
}

const ANONYMOUS: Admission = Object.freeze({ token: undefined, fields: undefined })

/** From requests to tokens: the credential, what is true of it, and the proof that it belongs to the caller. */
export interface Admissions {
  of(request: ResourceRequest, maxAge: Seconds): MaybePromise<Outcome>
  /** The same with a verdict that is not older than `maxAge`. */
  again(before: Outcome, maxAge: Seconds): MaybePromise<Outcome>
}

export interface AdmissionSettings extends Pick<CredentialPolicy, 'queryTokens' | 'formTokens' | 'schemes'> {
  readonly limits: Pick<Limits, 'token' | 'form'>
  readonly context: Pick<GuardContext, 'warn'>
}

export function createAdmissions(settings: AdmissionSettings, verifier: TokenVerifier, binding: Binding): Admissions {
  const policy = { ...settings, tokenLimit: settings.limits.token, formLimit: settings.limits.form }

  function admit(credential: Credential, request: ResourceRequest, maxAge: Seconds): MaybePromise<Admission> {
    const facts = factsOf(credential, maxAge)
    return isPromise(facts)
      ? facts.then((late) => proven(late, credential, request))
      : proven(facts, credential, request)
  }

  function factsOf(credential: Credential, maxAge: Seconds): MaybePromise<TokenFacts> {
    try {
      const facts = verifier.verify(credential.token, maxAge)
      return isPromise(facts) ? facts.catch((thrown) => refuse(credential, thrown)) : facts
    } catch (thrown) {
      return refuse(credential, thrown)
    }
  }

  function proven(facts: TokenFacts, credential: Credential, request: ResourceRequest): MaybePromise<Admission> {
    const fields = binding.prove(facts.confirmation, credential, request)
    // Written out for bearer tokens seen before, which most requests bring: no closure and no promise.
    return isPromise(fields)
      ? fields.then((late) => admitted(facts, credential, late))
      : admitted(facts, credential, fields)
  }

  function admitted(facts: TokenFacts, { token }: Credential, fields: ResponseFields | undefined): Admission {
    tellTrial(facts, settings.context)
    return { token: createAccessToken(facts, token), fields }
  }

  function admitIfGiven(credential: Credential | undefined, request: ResourceRequest, maxAge: Seconds) {
    return credential ? admit(credential, request, maxAge) : ANONYMOUS
  }

  return {
    of(request, maxAge) {
      try {
        const credential = readCredential(request, policy)
        const admission = isPromise(credential)
          ? credential.then((late) => admitIfGiven(late, request, maxAge))
          : admitIfGiven(credential, request, maxAge)
        return isPromise(admission) ? admission.catch(toRefusal) : admission
      } catch (thrown) {
        return toRefusal(thrown)
      }
    },
    again(before, maxAge) {
      if ('thrown' in before || !before.token) return before
      const { token, fields } = before
      const renewed = (facts: TokenFacts): Admission => {
        // The proof has been used up, and holds for the binding it was made for.
        if (!sameConfirmation(facts.confirmation, token.confirmation)) throw new InvalidToken('confirmation')
        return { token: createAccessToken(facts, token.raw), fields }
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
export function tellTrial(facts: TokenFacts, context: AdmissionSettings['context']): void {
  if (facts.onTrial) context.warn(new InvalidToken(facts.onTrial), { issuer: facts.issuer, format: facts.format })
}

const toRefusal = (thrown: unknown): Outcome => ({ thrown })
