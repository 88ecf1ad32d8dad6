import { type TokenData, type VerifiedToken, verifiedToken } from '../access-token/access-token.ts'
import { narrowedToken } from '../access-token/intersect-scopes.ts'
import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { createScopeReader } from '../access-token/scopes.ts'
import { createTokenReader } from '../access-token/token-data.ts'
import { InvalidToken, Unavailable } from '../errors/errors.ts'
import type { IntrospectionCache } from '../introspection/cache/cached-introspection.ts'
import type { CachedResponse } from '../introspection/cache/local-cache.ts'
import type { IntrospectionRequest } from '../introspection/cache/source.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import { createHeaderReader, type HeaderLimits } from '../jwt/header.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { digestOf } from '../util/digest.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import type { Seconds } from '../util/time.ts'
import { type CachedJwt, createJwtCache, type JwtCacheSettings } from './jwt-cache.ts'
import { formOf } from './token-format.ts'

/** From tokens to what is true of them, whatever request brings them. */
export interface TokenVerifier {
  /**
   * What is true of a good token; throws or rejects for a bad one. Whose it is has still to be proven, where it is bound.
   *
   * @param maxAge how long ago, at most, the issuer may have been asked about it; without one, JWTs are not asked about
   */
  verify(raw: string, maxAge?: Seconds): MaybePromise<TokenData>
  /** Drops what is remembered of a token. */
  forget(raw: string): Promise<void>
  /** Drops what is remembered in this process of the tokens that match. */
  forgetWhere(matches: (token: VerifiedToken) => boolean): void
}

export interface VerifierSettings extends JwtCacheSettings {
  readonly limits: HeaderLimits & { readonly token: number }
  readonly graph: ScopeGraph
}

/** A token as it arrived, the name under which things are remembered of it, and how new a verdict on it has to be. */
interface PresentedToken {
  readonly raw: string
  readonly digest: string
  readonly maxAge: Seconds
}

const ANY_AGE = Number.POSITIVE_INFINITY

export function createTokenVerifier(
  settings: VerifierSettings,
  issuers: Issuers,
  introspection: IntrospectionCache,
): TokenVerifier {
  const { limits } = settings
  const form = {
    readHeader: createHeaderReader(limits),
    takesOpaque: issuers.takesOpaque,
    introspectedIssuers: issuers.introspectedIssuers,
  }
  const readScopes = createScopeReader(settings.graph)
  const reader = createTokenReader(settings.claims, readScopes)
  const jwts = createJwtCache(settings, reader)

  /** A JWT that was verified before: its issuer says whether its keys and its times still bear it out. */
  function revalidateCached(cached: CachedJwt, token: PresentedToken): MaybePromise<TokenData> {
    const issuer = issuers.select(cached.issuer.name)
    return isPromise(issuer)
      ? issuer.then((resolved) => revalidate(cached, resolved, token))
      : revalidate(cached, issuer, token)
  }

  function revalidate(cached: CachedJwt, issuer: Issuer, token: PresentedToken): MaybePromise<TokenData> {
    if (issuer !== cached.issuer || !issuer.local?.isStillValid(cached)) return verifyUncached(token)
    return introspectIfRequired(cached.verified, issuer, token)
  }

  /** The whole way, for a token of which nothing is remembered. */
  function verifyUncached(token: PresentedToken): MaybePromise<TokenData> {
    const { jwt, issuerName: askedIssuer } = formOf(token.raw, form)
    if (!jwt && askedIssuer === undefined) return opaque(issuers.forOpaque(token.raw), token)
    const issuer = issuers.select(jwt?.claims.iss ?? askedIssuer)
    return isPromise(issuer)
      ? issuer.then((resolved) => introspectOrVerify(resolved, jwt, token))
      : introspectOrVerify(issuer, jwt, token)
  }

  function introspectOrVerify(
    issuer: Issuer,
    jwt: UnverifiedJwt | undefined,
    token: PresentedToken,
  ): MaybePromise<TokenData> {
    if (!jwt || !issuer.local) return opaque(issuer, token)
    // What fails here is refused, and nobody is asked for a second opinion.
    const verified = jwts.verify(jwt, issuer, issuer.local, token.digest)
    return isPromise(verified)
      ? verified.then((resolved) => introspectIfRequired(resolved, issuer, token))
      : introspectIfRequired(verified, issuer, token)
  }

  /** A JWT that is good by itself; a route may want to know that it has not been revoked either. */
  function introspectIfRequired(verified: TokenData, issuer: Issuer, token: PresentedToken): MaybePromise<TokenData> {
    if (token.maxAge === ANY_AGE) return verified
    return chain(ask(issuer, token), ({ response }) => {
      if (!response.active) throw new InvalidToken('inactive')
      issuer.checkResponseForJwt(response.claims)
      return narrowedToken(verified, response.claims, issuer.scopeClaims, readScopes)
    })
  }

  /** An opaque token that was admitted before. */
  function revalidateResponse(
    cached: CachedResponse,
    verified: TokenData,
    token: PresentedToken,
  ): MaybePromise<TokenData> {
    const issuer = issuers.select(cached.issuer.name)
    return isPromise(issuer)
      ? issuer.then((resolved) => stillActive(cached, verified, resolved, token))
      : stillActive(cached, verified, issuer, token)
  }

  function stillActive(
    { issuer, response }: CachedResponse,
    verified: TokenData,
    current: Issuer,
    token: PresentedToken,
  ) {
    return current === issuer && response.active && issuer.isCurrent(response.claims) ? verified : verifyUncached(token)
  }

  /** A token that only its issuer can read. */
  function opaque(issuer: Issuer | undefined, token: PresentedToken): MaybePromise<TokenData> {
    if (!issuer) throw new InvalidToken('malformed')
    return chain(ask(issuer, token), accept)
  }

  const ask = (issuer: Issuer, { raw, digest, maxAge }: PresentedToken) =>
    introspection.on(request(issuer, raw, digest), maxAge)

  /** What was said is a fact; whether it opens anything is decided here, each time. */
  function accept(entry: CachedResponse): MaybePromise<TokenData> {
    const { response, issuer } = entry
    if (!response.active) throw new InvalidToken('inactive')
    issuer.checkResponse(response.claims)
    return chain(
      reader.validated({ format: 'opaque', claims: response.claims, reportOnlyReason: undefined }, issuer),
      (output) => {
        if (output.immutable) entry.verified = output.verified
        return output.verified
      },
    )
  }

  function verifiedFor(token: PresentedToken): MaybePromise<TokenData> {
    const cached = jwts.known(token.digest)
    if (cached) return revalidateCached(cached, token)
    const entry = introspection.cached(token.digest, token.maxAge)
    return entry?.verified ? revalidateResponse(entry, entry.verified, token) : verifyUncached(token)
  }

  return {
    verify(raw, maxAge = ANY_AGE) {
      if (typeof raw !== 'string') throw new InvalidToken('malformed')
      if (raw.length > limits.token) throw new InvalidToken('token_too_large')
      const digest = digestOf(raw)
      // Written out for the way of a token seen before, which most requests take: no closure and no promise.
      return isPromise(digest)
        ? digest.then((cached) => verifiedFor({ raw, digest: cached, maxAge }))
        : verifiedFor({ raw, digest, maxAge })
    },
    async forget(raw) {
      // At once, where nothing has to be waited for: the next request may be on its way already.
      const invalidated = await chain(digestOf(raw), (digest) => {
        jwts.forget(digest)
        const introspecting = issuers.all().filter(({ introspector }) => introspector)
        return introspection.forget(
          digest,
          introspecting.map((issuer) => request(issuer, raw, digest)),
        )
      })
      if (!invalidated)
        throw new Error('bearward: the shared store did not forget the token; other processes may find it there')
    },
    forgetWhere(matches) {
      jwts.forgetWhere((verified) => matches(verifiedToken(verified)))
      introspection.forgetWhere(({ verified }) => verified === undefined || matches(verifiedToken(verified)))
    },
  }
}

const NOTHING_TO_ASK = 'bearward: introspected() needs introspection or introspect in the options of the issuer'

function request(issuer: Issuer, raw: string, digest: string): IntrospectionRequest {
  // Routes that want fresh verdicts are checked when they are set up; this is for issuers that were not known then.
  if (!issuer.introspector) throw new Unavailable('introspection_unavailable', { cause: new Error(NOTHING_TO_ASK) })
  return { issuer, introspector: issuer.introspector, raw, digest }
}
