import { type KnownToken, knownToken, type TokenFacts } from '../access-token/access-token.ts'
import { narrowedFacts } from '../access-token/intersect-scopes.ts'
import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { createScopeReader } from '../access-token/scopes.ts'
import { createFactsReader } from '../access-token/token-data.ts'
import { InvalidToken, Unavailable } from '../errors/errors.ts'
import type { AskedVerdicts } from '../introspection/cache/cached-introspection.ts'
import type { KnownVerdict } from '../introspection/cache/local-cache.ts'
import type { Inquiry } from '../introspection/cache/source.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { Issuers } from '../issuers/issuer-registry.ts'
import { createHeaderReader, type HeaderLimits } from '../jwt/header.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { digestOf } from '../util/digest.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import type { Seconds } from '../util/time.ts'
import { createVerifiedJwts, type JwtCacheSettings, type KnownJwt } from './jwt-cache.ts'
import { formOf } from './token-format.ts'

/** From tokens to what is true of them, whatever request brings them. */
export interface TokenVerifier {
  /**
   * What is true of a good token; throws or rejects for a bad one. Whose it is has still to be proven, where it is bound.
   *
   * @param maxAge how long ago, at most, the issuer may have been asked about it; without one, JWTs are not asked about
   */
  verify(raw: string, maxAge?: Seconds): MaybePromise<TokenFacts>
  /** Drops what is remembered of a token. */
  forget(raw: string): Promise<void>
  /** Drops what is remembered in this process of the tokens that match. */
  forgetWhere(matches: (token: KnownToken) => boolean): void
}

export interface VerifierSettings extends JwtCacheSettings {
  readonly limits: JwtCacheSettings['limits'] & HeaderLimits & { readonly token: number }
  readonly graph: ScopeGraph
}

/** A token as it arrived, the name under which things are remembered of it, and how new a verdict on it has to be. */
interface Presented {
  readonly raw: string
  readonly digest: string
  readonly maxAge: Seconds
}

const ANY_AGE = Number.POSITIVE_INFINITY

export function createTokenVerifier(
  settings: VerifierSettings,
  issuers: Issuers,
  verdicts: AskedVerdicts,
): TokenVerifier {
  const { limits } = settings
  const form = {
    readHeader: createHeaderReader(limits),
    takesOpaque: issuers.takesOpaque,
    askedAboutAll: issuers.askedAboutAll,
  }
  const readScopes = createScopeReader(settings.graph)
  const reader = createFactsReader(settings.claims, readScopes)
  const jwts = createVerifiedJwts(settings, reader)

  /** A JWT that was verified before: its issuer says whether its keys and its times still bear it out. */
  function confirm(known: KnownJwt, token: Presented): MaybePromise<TokenFacts> {
    const issuer = issuers.select(known.issuer.name)
    return isPromise(issuer) ? issuer.then((late) => borneOut(known, late, token)) : borneOut(known, issuer, token)
  }

  function borneOut(known: KnownJwt, issuer: Issuer, token: Presented): MaybePromise<TokenFacts> {
    if (issuer !== known.issuer || !issuer.local?.stillGood(known)) return establish(token)
    return confirmedByIssuer(known.facts, issuer, token)
  }

  /** The whole way, for a token of which nothing is remembered. */
  function establish(token: Presented): MaybePromise<TokenFacts> {
    const { jwt, askedIssuer } = formOf(token.raw, form)
    if (!jwt && askedIssuer === undefined) return opaque(issuers.forOpaque(token.raw), token)
    const issuer = issuers.select(jwt?.claims.iss ?? askedIssuer)
    return isPromise(issuer) ? issuer.then((late) => askOrVerify(late, jwt, token)) : askOrVerify(issuer, jwt, token)
  }

  function askOrVerify(issuer: Issuer, jwt: UnverifiedJwt | undefined, token: Presented): MaybePromise<TokenFacts> {
    if (!jwt || !issuer.local) return opaque(issuer, token)
    // What fails here is refused, and nobody is asked for a second opinion.
    const facts = jwts.verify(jwt, issuer, issuer.local, token.digest)
    return isPromise(facts)
      ? facts.then((late) => confirmedByIssuer(late, issuer, token))
      : confirmedByIssuer(facts, issuer, token)
  }

  /** A JWT that is good by itself; a route may want to know that it has not been revoked either. */
  function confirmedByIssuer(facts: TokenFacts, issuer: Issuer, token: Presented): MaybePromise<TokenFacts> {
    if (token.maxAge === ANY_AGE) return facts
    return chain(ask(issuer, token), ({ answer }) => {
      if (!answer.active) throw new InvalidToken('inactive')
      issuer.admitSecondOpinion(answer.claims)
      return narrowedFacts(facts, answer.claims, issuer.scopeClaims, readScopes)
    })
  }

  /** An opaque token that was admitted before. */
  function recall(known: KnownVerdict, facts: TokenFacts, token: Presented): MaybePromise<TokenFacts> {
    const issuer = issuers.select(known.issuer.name)
    return isPromise(issuer)
      ? issuer.then((late) => stillAdmitted(known, facts, late, token))
      : stillAdmitted(known, facts, issuer, token)
  }

  function stillAdmitted({ issuer, answer }: KnownVerdict, facts: TokenFacts, current: Issuer, token: Presented) {
    return current === issuer && answer.active && issuer.isCurrent(answer.claims) ? facts : establish(token)
  }

  /** A token that only its issuer can read. */
  function opaque(issuer: Issuer | undefined, token: Presented): MaybePromise<TokenFacts> {
    if (!issuer) throw new InvalidToken('malformed')
    return chain(ask(issuer, token), admitted)
  }

  const ask = (issuer: Issuer, { raw, digest, maxAge }: Presented) => verdicts.on(inquiry(issuer, raw, digest), maxAge)

  /** What was said is a fact; whether it opens anything is decided here, each time. */
  function admitted(verdict: KnownVerdict): MaybePromise<TokenFacts> {
    const { answer, issuer } = verdict
    if (!answer.active) throw new InvalidToken('inactive')
    issuer.admit(answer.claims)
    return chain(reader.validated({ format: 'opaque', claims: answer.claims, onTrial: undefined }, issuer), (made) => {
      if (made.lasting) verdict.facts = made.facts
      return made.facts
    })
  }

  function factsFor(token: Presented): MaybePromise<TokenFacts> {
    const known = jwts.known(token.digest)
    if (known) return confirm(known, token)
    const verdict = verdicts.known(token.digest, token.maxAge)
    return verdict?.facts ? recall(verdict, verdict.facts, token) : establish(token)
  }

  return {
    verify(raw, maxAge = ANY_AGE) {
      if (typeof raw !== 'string') throw new InvalidToken('malformed')
      if (raw.length > limits.token) throw new InvalidToken('token_too_large')
      const digest = digestOf(raw)
      // Written out for the way of a token seen before, which most requests take: no closure and no promise.
      return isPromise(digest)
        ? digest.then((known) => factsFor({ raw, digest: known, maxAge }))
        : factsFor({ raw, digest, maxAge })
    },
    async forget(raw) {
      // At once, where nothing has to be waited for: the next request may be on its way already.
      const told = await chain(digestOf(raw), (digest) => {
        jwts.forget(digest)
        const askable = issuers.all().filter(({ asker }) => asker)
        return verdicts.forget(
          digest,
          askable.map((issuer) => inquiry(issuer, raw, digest)),
        )
      })
      if (!told)
        throw new Error('bearward: the shared store did not forget the token; other processes may find it there')
    },
    forgetWhere(matches) {
      jwts.forgetWhere((facts) => matches(knownToken(facts)))
      verdicts.forgetWhere(({ facts }) => facts === undefined || matches(knownToken(facts)))
    },
  }
}

const NOBODY_TO_ASK = 'bearward: a fresh verdict needs introspection or verify in the options of the issuer'

function inquiry(issuer: Issuer, raw: string, digest: string): Inquiry {
  // Routes that want fresh verdicts are checked when they are set up; this is for issuers that were not known then.
  if (!issuer.asker) throw new Unavailable('introspection_unavailable', { cause: new Error(NOBODY_TO_ASK) })
  return { issuer, asker: issuer.asker, raw, digest }
}
