import type { Presentation } from '../api/present.ts'
import type { Fact } from '../flow.ts'

/** A way to present a bound token: as its owner does, or as somebody tries who has stolen a part. */
export interface Attempt {
  readonly label: string
  readonly by: 'client' | 'attacker'
  /** What the request lacks, in words, where the API says no more than that the token is bound to something else. */
  readonly flaw?: string
}

/** Whoever holds what tokens are bound to (RFC 7800). */
export interface Possession {
  /** What there is to choose, such as "Proof". */
  readonly legend: string
  readonly attempts: Readonly<Record<string, Attempt>>
  /** The presentation as it goes out, and what there is to say about what has been added. */
  apply(attempt: string, presentation: Presentation): Promise<Applied>
}

export interface Applied {
  readonly presentation: Presentation
  readonly facts: readonly Fact[]
}
