import type { TokenFacts } from '../access-token/access-token.ts'
import type { FactsReader } from '../access-token/token-data.ts'
import type { StandardSchema } from '../claims/standard-schema.ts'
import type { Limits } from '../config/limits.ts'
import type { Issuer, LocalVerifier } from '../issuers/issuer.ts'
import type { VerificationKey } from '../jws/engine.ts'
import type { UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { Evidence, VerifiedJwt } from '../jwt/verify-jwt.ts'
import { createMemory } from '../util/bounded-cache.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import { createVerifiedSignatures } from './signature-cache.ts'

/**
 * A JWT that was verified, and what its goodness rests on: that is asked for at each hit, since facts are cached,
 * decisions are not.
 */
export interface KnownJwt extends Evidence {
  readonly issuer: Issuer
  readonly facts: TokenFacts
}

/** Under what a JWT is remembered, and what was remembered of it before. */
interface Place {
  readonly digest: string
  /** In characters. */
  readonly size: number
  readonly issuer: Issuer
  /** The key that verified its signature when it came before. */
  readonly before: VerificationKey | undefined
}

export interface JwtCacheSettings {
  readonly limits: Pick<Limits, 'verified'>
  readonly claims: StandardSchema<unknown> | undefined
}

/** JWTs that are verified here, and what is remembered of them. */
export interface VerifiedJwts {
  /** What was found out about a token, if it has come before. Whether that still holds is the issuer's to say. */
  known(digest: string): KnownJwt | undefined
  /** A JWT, by its signature and its claims; throws or rejects for a bad one. */
  verify(jwt: UnverifiedJwt, issuer: Issuer, verifier: LocalVerifier, digest: string): MaybePromise<TokenFacts>
  forget(digest: string): void
  forgetWhere(matches: (facts: TokenFacts) => boolean): void
}

export function createVerifiedJwts({ limits, claims: schema }: JwtCacheSettings, reader: FactsReader): VerifiedJwts {
  const tokens = createMemory<KnownJwt>(limits.verified)
  const signatures = createVerifiedSignatures(limits.verified)

  function remembered(jwt: VerifiedJwt, where: Place): MaybePromise<TokenFacts> {
    const good = { format: 'jwt', claims: jwt.claims, onTrial: jwt.onTrial } as const
    if (schema) {
      return chain(reader.validated(good, where.issuer), ({ facts, lasting }) => {
        // At once, because a schema is somebody else's work, which is not asked for twice.
        remember(jwt, where, lasting ? facts : undefined)
        return facts
      })
    }
    const facts = reader.plain(good, where.issuer)
    // Many tokens are never seen again: facts are kept for those that are.
    remember(jwt, where, where.before && facts)
    return facts
  }

  function remember(jwt: VerifiedJwt, { digest, size, issuer }: Place, facts: TokenFacts | undefined): void {
    const { key, expiry, notBefore, issuedAt, onTrial } = jwt
    if (facts) tokens.set(digest, { key, expiry, notBefore, issuedAt, onTrial, issuer, facts }, size)
    else signatures.add(digest, key)
  }

  return {
    known: (digest) => tokens.get(digest),
    verify(unverified, issuer, verifier, digest) {
      const before = signatures.keyOf(digest)
      const where = { digest, size: unverified.signed.compact.length, issuer, before }
      const jwt = verifier.verify(unverified, before)
      return isPromise(jwt) ? jwt.then((late) => remembered(late, where)) : remembered(jwt, where)
    },
    forget(digest) {
      tokens.delete(digest)
      signatures.delete(digest)
    },
    forgetWhere(matches) {
      signatures.clear() // whose tokens they were is not known any more
      tokens.deleteWhere(({ facts }) => matches(facts))
    },
  }
}
