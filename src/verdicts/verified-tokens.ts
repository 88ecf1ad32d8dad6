import { LRUCache } from 'lru-cache'
import type { Issuer } from '../issuers/issuer.ts'
import type { VerifiedJwt } from '../jwt/verify-jwt.ts'
import type { TokenFacts } from '../token/access-token.ts'

/** Facts about a token, and what their truth rests on. */
export interface Verdict {
  readonly facts: TokenFacts
  readonly issuer: Issuer
  readonly jwt: VerifiedJwt
}

/** Remembers tokens that were verified, so that the next request with one costs a look-up. */
export interface VerifiedTokens {
  get(digest: string): Verdict | undefined
  set(digest: string, verdict: Verdict, tokenSize: number): void
}

// Claims take several times the room of the token they came in, and each entry some of its own.
const BYTES_PER_CHARACTER = 4
const BYTES_PER_ENTRY = 1024
const MOST_BYTES = 33_554_432

/** Facts are cached, decisions are not: whether a verdict still holds is asked of its issuer at each hit. */
export function createVerifiedTokens(max: number): VerifiedTokens {
  if (max === 0) return { get: () => undefined, set: () => undefined }
  const verdicts = new LRUCache<string, Verdict>({ max, maxSize: MOST_BYTES })
  return {
    get: (digest) => verdicts.get(digest),
    set: (digest, verdict, tokenSize) => {
      verdicts.set(digest, verdict, { size: BYTES_PER_ENTRY + BYTES_PER_CHARACTER * tokenSize })
    },
  }
}
