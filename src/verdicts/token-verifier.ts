import { checkConfirmation } from '../binding/confirmation.ts'
import { InvalidToken, Unavailable } from '../errors.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuers.ts'
import type { UnverifiedJwt } from '../jwt/compact.ts'
import { createHeaderReader } from '../jwt/header.ts'
import type { VerifiedJwt } from '../jwt/verify-jwt.ts'
import type { ServerSettings } from '../options/server-options.ts'
import type { JsonObject } from '../platform/encoding.ts'
import { chain, isPromise, type MaybePromise } from '../platform/maybe-promise.ts'
import type { Seconds } from '../platform/time.ts'
import { type AccessToken, createAccessToken, type TokenFacts, tokenFacts } from '../token/access-token.ts'
import { validateClaims } from '../token/claims-schema.ts'
import { freezeClaims } from '../token/frozen-claims.ts'
import type { Asked, AskedVerdicts } from './asked-verdicts.ts'
import { digestOf } from './digest.ts'
import type { KnownVerdict } from './known-verdict.ts'
import { createMemory } from './memory.ts'
import { formOf } from './routing.ts'

/** From tokens to what is true of them, whatever request brings them. */
export interface TokenVerifier {
  /**
   * Throws or rejects for a bad token.
   *
   * @param maxAge how long ago, at most, the issuer may have been asked about it; without one, JWTs are not asked about
   */
  verify(raw: string, maxAge?: Seconds): MaybePromise<AccessToken>
  /** Drops what is remembered of a token. */
  forget(raw: string): Promise<void>
  /** Drops what is remembered in this process of the tokens that match. */
  forgetWhere(matches: (facts: TokenFacts) => boolean): void
}

/** Facts about a JWT, and what their truth rests on: it is asked for at each hit, since facts are cached, decisions are not. */
interface VerifiedToken {
  readonly facts: TokenFacts
  readonly issuer: Issuer
  readonly jwt: VerifiedJwt
}

const ANY_AGE = Number.POSITIVE_INFINITY

export function createTokenVerifier(settings: ServerSettings, issuers: Issuers, asked: AskedVerdicts): TokenVerifier {
  const { limits } = settings
  const readHeader = createHeaderReader(limits)
  const verified = createMemory<VerifiedToken>(limits.verified)

  /** A JWT that was verified before: its issuer says whether its keys and its times still bear it out. */
  function confirm(known: VerifiedToken, raw: string, digest: string, maxAge: Seconds): MaybePromise<TokenFacts> {
    return chain(issuers.select(known.issuer.name), (issuer) => {
      if (issuer !== known.issuer || !issuer.local?.stillGood(known.jwt)) return establish(raw, digest, maxAge)
      return maxAge === ANY_AGE ? known.facts : confirmedByIssuer(known.facts, issuer, raw, digest, maxAge)
    })
  }

  /** The whole way, for a token of which nothing is remembered. */
  function establish(raw: string, digest: string, maxAge: Seconds): MaybePromise<TokenFacts> {
    const { jwt } = formOf(raw, readHeader, issuers.takesOpaque)
    if (!jwt) return opaque(issuers.forOpaque(raw), raw, digest, maxAge)
    return chain(issuers.select(jwt.claims.iss), (issuer) => {
      if (!issuer.local) return opaque(issuer, raw, digest, maxAge)
      return chain(local(jwt, issuer, digest, raw.length), (facts) =>
        maxAge === ANY_AGE ? facts : confirmedByIssuer(facts, issuer, raw, digest, maxAge),
      )
    })
  }

  /** A JWT, by its signature and its claims. What fails here is refused, and nobody is asked for a second opinion. */
  function local(unverified: UnverifiedJwt, issuer: Issuer, digest: string, size: number): MaybePromise<TokenFacts> {
    return chain((issuer.local as NonNullable<Issuer['local']>).verify(unverified), (jwt) =>
      chain(factsOf('jwt', jwt.claims, issuer), ({ facts, lasting }) => {
        if (lasting) verified.set(digest, { facts, issuer, jwt }, size)
        return facts
      }),
    )
  }

  /** A JWT that is good by itself, on a route that wants to know whether it has been revoked. */
  function confirmedByIssuer(
    facts: TokenFacts,
    issuer: Issuer,
    raw: string,
    digest: string,
    maxAge: Seconds,
  ): MaybePromise<TokenFacts> {
    return chain(asked.on(toAsk(issuer, raw, digest), maxAge), ({ answer }) => {
      if (!answer.active) throw new InvalidToken('inactive')
      return facts
    })
  }

  /** A token that only its issuer can read. */
  function opaque(issuer: Issuer | undefined, raw: string, digest: string, maxAge: Seconds): MaybePromise<TokenFacts> {
    if (!issuer) throw new InvalidToken('malformed')
    return chain(asked.on(toAsk(issuer, raw, digest), maxAge), admitted)
  }

  /** What was said is a fact; whether it opens anything is decided here, each time. */
  function admitted(verdict: KnownVerdict): MaybePromise<TokenFacts> {
    const { answer, issuer, facts } = verdict
    if (!answer.active) throw new InvalidToken('inactive')
    if (facts && issuer.isCurrent(answer.claims)) return facts
    issuer.admit(answer.claims)
    return chain(factsOf('opaque', answer.claims, issuer), (made) => {
      if (made.lasting) verdict.facts = made.facts
      return made.facts
    })
  }

  /** @returns `lasting` false where a handler could change something: that must not be what the next request sees */
  function factsOf(format: 'jwt' | 'opaque', claims: JsonObject, issuer: Issuer) {
    checkConfirmation(claims)
    freezeClaims(claims)
    return chain(validateClaims(settings.claims, claims), (shown) => ({
      facts: tokenFacts({ format, issuer: issuer.name, claims, shown, scopeClaims: issuer.scopeClaims }),
      lasting: shown === claims || freezeClaims(shown),
    }))
  }

  function factsFor(raw: string, digest: string, maxAge: Seconds): MaybePromise<TokenFacts> {
    const known = verified.get(digest)
    return known ? confirm(known, raw, digest, maxAge) : establish(raw, digest, maxAge)
  }

  return {
    verify(raw, maxAge = ANY_AGE) {
      if (typeof raw !== 'string') throw new InvalidToken('malformed')
      if (raw.length > limits.token) throw new InvalidToken('token_too_large')
      const digest = digestOf(raw)
      // Written out for the way of a token seen before, which every request takes: no closure and no promise.
      const facts = isPromise(digest)
        ? digest.then((known) => factsFor(raw, known, maxAge))
        : factsFor(raw, digest, maxAge)
      return isPromise(facts) ? facts.then((found) => createAccessToken(found, raw)) : createAccessToken(facts, raw)
    },
    async forget(raw) {
      const digest = await digestOf(raw)
      verified.delete(digest)
      await Promise.all(issuers.all().map((issuer) => issuer.asker && asked.forget(toAsk(issuer, raw, digest))))
    },
    forgetWhere(matches) {
      verified.deleteWhere(({ facts }) => matches(facts))
      asked.forgetWhere(({ facts }) => facts === undefined || matches(facts))
    },
  }
}

function toAsk(issuer: Issuer, raw: string, digest: string): Asked {
  // Fresh verdicts are a matter of the set-up, and the routes that want them were refused where it cannot give any.
  if (!issuer.asker) throw new Unavailable('introspection_unavailable')
  return { issuer, asker: issuer.asker, raw, digest }
}
