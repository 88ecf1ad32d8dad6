import type { TokenFacts } from '../../access-token/access-token.ts'
import { createMemory } from '../../util/bounded-cache.ts'
import type { Seconds } from '../../util/time.ts'
import type { AskedIssuer } from '../introspector.ts'
import type { Answer } from '../response.ts'
import { ageOf, type Moment } from './timestamp.ts'

/** What an issuer said about a token, and when it was asked. */
export interface KnownVerdict {
  readonly issuer: AskedIssuer
  readonly answer: Answer
  readonly askedAt: Moment
  /** What follows from the answer by the rules of this server, once somebody has worked it out. */
  facts: TokenFacts | undefined
}

/** For how long a verdict serves at most, however long the token lives. */
export const lifetimeOf = ({ issuer, answer }: KnownVerdict): Seconds =>
  (answer.active ? issuer.asker?.active : issuer.asker?.inactive) ?? 0

/** True while a verdict serves a route that accepts none older than `maxAge`. */
export const isYoung = (verdict: KnownVerdict, maxAge: Seconds): boolean =>
  ageOf(verdict.askedAt) < Math.min(lifetimeOf(verdict), maxAge)

/**
 * Remembers verdicts under the digest of their token. Those on tokens that are not active have a memory of their own:
 * whoever makes tokens up fills that one, and pushes nothing good out.
 */
export interface KnownVerdicts {
  get(digest: string): KnownVerdict | undefined
  /** As `get`, but it does not count as a use. */
  peek(digest: string): KnownVerdict | undefined
  /** Keeps a verdict, unless a newer one is there. */
  keep(digest: string, verdict: KnownVerdict): void
  delete(digest: string): void
  deleteWhere(matches: (verdict: KnownVerdict) => boolean): void
}

export function createKnownVerdicts(limits: { readonly active: number; readonly inactive: number }): KnownVerdicts {
  const active = createMemory<KnownVerdict>(limits.active)
  const inactive = createMemory<KnownVerdict>(limits.inactive)
  const peek = (digest: string) => active.peek(digest) ?? inactive.peek(digest)
  return {
    get: (digest) => active.get(digest) ?? inactive.get(digest),
    peek,
    keep(digest, verdict) {
      const known = peek(digest)
      if (known && known.askedAt.monotonic > verdict.askedAt.monotonic) return
      const { answer } = verdict
      if (answer.active) {
        inactive.delete(digest)
        active.set(digest, verdict, JSON.stringify(answer.claims).length)
      } else {
        active.delete(digest)
        inactive.set(digest, verdict, 0)
      }
    },
    delete(digest) {
      active.delete(digest)
      inactive.delete(digest)
    },
    deleteWhere(matches) {
      active.deleteWhere(matches)
      inactive.deleteWhere(matches)
    },
  }
}
