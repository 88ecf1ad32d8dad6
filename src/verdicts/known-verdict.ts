import type { Answer } from '../introspection/answer.ts'
import type { Issuer } from '../issuers/issuer.ts'
import type { TokenFacts } from '../token/access-token.ts'
import { createMemory } from './memory.ts'
import type { Moment } from './moment.ts'

/** What an issuer said about a token, and when it was asked. */
export interface KnownVerdict {
  readonly issuer: Issuer
  readonly answer: Answer
  readonly asked: Moment
  /** What follows from the answer by the rules of this server, once somebody has worked it out. */
  facts: TokenFacts | undefined
}

/**
 * Remembers verdicts under the digest of their token. Those on tokens that are not active have a memory of their own:
 * whoever makes tokens up fills that one, and pushes nothing good out.
 */
export interface KnownVerdicts {
  get(digest: string): KnownVerdict | undefined
  /** Keeps a verdict, unless a newer one is there. */
  keep(digest: string, verdict: KnownVerdict): void
  delete(digest: string): void
  deleteWhere(matches: (verdict: KnownVerdict) => boolean): void
}

export function createKnownVerdicts(limits: { readonly active: number; readonly inactive: number }): KnownVerdicts {
  const active = createMemory<KnownVerdict>(limits.active)
  const inactive = createMemory<KnownVerdict>(limits.inactive)
  return {
    get: (digest) => active.get(digest) ?? inactive.get(digest),
    keep(digest, verdict) {
      const { answer, asked } = verdict
      const known = active.peek(digest) ?? inactive.peek(digest)
      if (known && known.asked.monotonic > asked.monotonic) return
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
