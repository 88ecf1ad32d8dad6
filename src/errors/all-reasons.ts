import type { Kind } from './kind.ts'
import { PROOF_KINDS } from './proof-reasons.ts'
import { CLAIMS, KINDS, type Reason, type RefusedClaim, sentenceFor } from './reasons.ts'

/** The kinds of all errors: for tools, which explain any of them. A server has only those of its features. */
export const ALL_KINDS: readonly Kind[] = Object.values({ ...KINDS, ...PROOF_KINDS })

/** The sentence of a reason, whatever its error. */
export const descriptionOf = (reason: Reason, claim: RefusedClaim | undefined): string =>
  sentenceFor(ALL_KINDS.find(({ sentences }) => Object.hasOwn(sentences, reason)) ?? KINDS.InvalidToken, reason, claim)

/** All sentences of a reason. */
export const sentencesFor = (reason: Reason): readonly string[] => [
  ...new Set([undefined, ...CLAIMS].map((claim) => descriptionOf(reason, claim))),
]
