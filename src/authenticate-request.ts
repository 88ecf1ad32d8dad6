import { type AccessToken, createAccessToken, type TokenData } from './access-token/access-token.ts'
import { sameConfirmation } from './access-token/confirmation.ts'
import type { Limits } from './config/limits.ts'
import { invalidToken, Refusal } from './errors/refusal.ts'
import type { GuardContext } from './guards/guard.ts'
import {
  type Credential,
  type CredentialPolicy,
  mayCarryForm,
  readCredential,
  readHeaderCredential,
  syntaxRefusal,
} from './http/credentials.ts'
import { type PresentedPolicy, type PresentedRequest, presentedBy } from './http/presented.ts'
import type { ResourceRequest, ResponseHeaders } from './http-message.ts'
import type { SenderConstraint } from './sender-constraint/sender-constraint.ts'
import type { Seconds } from './util/time.ts'
import { ANY_AGE, type PresentedToken, type TokenVerifier } from './verifier/token-verifier.ts'

/** A request whose token is valid and proven to be the caller's; without a token if it has no credential. */
export interface Authenticated {
  readonly token: AccessToken | undefined
  /** What the token was created from. */
  readonly verified: TokenData | undefined
  /** For the response. */
  readonly headers: ResponseHeaders | undefined
}

const ANONYMOUS: Authenticated = Object.freeze({ token: undefined, verified: undefined, headers: undefined })

/** From a request to its token: finds the credential, verifies it, and checks its sender constraint. */
export interface Authenticator {
  /**
   * The outcome itself, not a promise, for a request without a credential, with one that is refused by itself, or with a
   * cached bearer token that is not sender-constrained. Both paths call the same checks, and a property test compares them.
   *
   * @param introspectionMaxAge the maximum age of the introspection response
   */
  authenticate(
    request: ResourceRequest,
    presented: PresentedRequest,
    introspectionMaxAge: Seconds,
  ): Authenticated | Refusal | Promise<Authenticated | Refusal>
  presentedBy(request: ResourceRequest): PresentedRequest
  /**
   * The outcome for a request that is presented again: the same one, unless something has changed that can change without a
   * new credential in the header: the form body, the client certificate, the time, or the age of the introspection response that
   * the route accepts.
   *
   * @param introspectionMaxAge what all guards so far accept: a response may have narrowed the token
   * @param isLower whether the response so far may be older
   * @returns the outcome itself if nothing has changed; anything else has to satisfy the guards again
   */
  recheck(
    before: Authenticated,
    request: ResourceRequest,
    introspectionMaxAge: Seconds,
    isLower: boolean,
  ): Authenticated | Promise<Authenticated | Refusal>
}

export interface AuthenticatorSettings
  extends Pick<CredentialPolicy, 'queryTokens' | 'formTokens' | 'schemes'>,
    Pick<PresentedPolicy, 'credentials'> {
  readonly limits: Pick<Limits, 'token' | 'form'>
  readonly context: Pick<GuardContext, 'report' | 'now'>
}

export function createAuthenticator(
  settings: AuthenticatorSettings,
  verifier: TokenVerifier,
  sender: Pick<SenderConstraint, 'verify' | 'checkCertificate'>,
): Authenticator {
  const policy = {
    ...settings,
    // A copy, because V8 searches a frozen array more slowly.
    schemes: [...settings.schemes],
    proves: settings.schemes.includes('DPoP'),
    tokenLimit: settings.limits.token,
    formLimit: settings.limits.form,
  }

  function authenticated(
    verified: TokenData,
    { token }: Credential,
    headers: ResponseHeaders | undefined,
    request: ResourceRequest,
  ) {
    reportProfileViolation(verified, request.native, settings.context)
    return { token: createAccessToken(verified, token), verified, headers }
  }

  function authenticate(request: ResourceRequest, presented: PresentedRequest, introspectionMaxAge: Seconds) {
    if (mayCarryForm(request, policy)) return authenticateWithForm(request, presented, introspectionMaxAge)
    const credential = readHeaderCredential(presented, policy)
    if (credential instanceof Refusal) return credential
    if (!credential) return ANONYMOUS
    const token = verifier.present(credential.token)
    const mayBeCached = credential.scheme === 'Bearer' && introspectionMaxAge === ANY_AGE
    const verified = mayBeCached && !(token instanceof Refusal) ? verifier.cached(token) : undefined
    if (verified && !verified.confirmation) return authenticated(verified, credential, undefined, request)
    return verifyCredential(request, credential, token, introspectionMaxAge)
  }

  async function authenticateWithForm(
    request: ResourceRequest,
    presented: PresentedRequest,
    introspectionMaxAge: Seconds,
  ) {
    const credential = await readCredential(request, presented, policy)
    if (credential instanceof Refusal) return credential
    if (!credential) return ANONYMOUS
    return verifyCredential(request, credential, verifier.present(credential.token), introspectionMaxAge)
  }

  async function verifyCredential(
    request: ResourceRequest,
    credential: Credential,
    token: PresentedToken | Refusal,
    introspectionMaxAge: Seconds,
  ): Promise<Authenticated | Refusal> {
    const verified = token instanceof Refusal ? token : await verifier.verify(token, introspectionMaxAge)
    if (verified instanceof Refusal) {
      // A token with invalid syntax makes the request invalid, whatever else is wrong with it (RFC 6750 §3.1). Where a
      // signature was checked, the syntax was too.
      return verified.reason === 'signature' ? verified : (syntaxRefusal(credential) ?? verified)
    }
    const headers = await sender.verify(verified.confirmation, credential, request)
    return headers instanceof Refusal ? headers : authenticated(verified, credential, headers, request)
  }

  /** A body that was read meanwhile is the same body: it can be read only once. */
  async function hasSameForm({ token }: Authenticated, request: ResourceRequest): Promise<boolean> {
    try {
      const credential = await readCredential(request, presentedBy(request, policy), policy)
      return !(credential instanceof Refusal) && credential?.token === token?.raw
    } catch {
      return true
    }
  }

  async function runRecheck(
    before: Authenticated,
    request: ResourceRequest,
    introspectionMaxAge: Seconds,
    mustVerify: boolean,
  ) {
    if (mayCarryForm(request, policy) && !(await hasSameForm(before, request)))
      return authenticate(request, presentedBy(request, policy), introspectionMaxAge)
    const { token, headers } = before
    const thumbprint = token?.confirmation?.['x5t#S256']
    const refusal = thumbprint === undefined ? undefined : await sender.checkCertificate(thumbprint, request)
    if (refusal || !token || !mustVerify) return refusal ?? before
    const presentedToken = verifier.present(token.raw)
    const verified =
      presentedToken instanceof Refusal ? presentedToken : await verifier.verify(presentedToken, introspectionMaxAge)
    if (verified instanceof Refusal) return verified
    if (verified === before.verified) return before
    // The proof cannot be used twice, and it proves only the key it was checked against.
    if (!sameConfirmation(verified.confirmation, token.confirmation)) return invalidToken('confirmation')
    return { token: createAccessToken(verified, token.raw), verified, headers }
  }

  return {
    authenticate,
    presentedBy: (request) => presentedBy(request, policy),
    recheck(before, request, introspectionMaxAge, isLower) {
      const { token } = before
      const hasExpired = token?.expiresAt !== undefined && !(settings.context.now() < token.expiresAt)
      const isBoundByCertificate = token?.confirmation?.['x5t#S256'] !== undefined
      const mustVerify = isLower || hasExpired || (token !== undefined && verifier.mayBeRevoked(token))
      if (!mustVerify && !isBoundByCertificate && !mayCarryForm(request, policy)) return before
      return runRecheck(before, request, introspectionMaxAge, mustVerify)
    },
  }
}

/** Reports what the profile `rfc9068` would have refused, for each request with such a token. */
export function reportProfileViolation(
  { violation, issuer, format }: TokenData,
  request: object | undefined,
  context: AuthenticatorSettings['context'],
): void {
  if (violation) context.report(violation, { issuer, format }, request)
}
