import type { Presentation } from '../api/present.ts'
import type { Detail } from '../flow.ts'

/** A way to use a bound token: as its owner, or as a thief. */
export interface Attempt {
  readonly label: string
  readonly by: 'client' | 'attacker'
  /** What the request lacks, if the API only reports `confirmation`. */
  readonly flaw?: string
}

/** The owner of the key or certificate that tokens are bound to (RFC 7800). */
export interface Possession {
  /** The label of the choice, such as "Proof". */
  readonly legend: string
  readonly attempts: Readonly<Record<string, Attempt>>
  /** Adds the proof to a request, and explains it. */
  apply(attempt: string, presentation: Presentation): Promise<Applied>
}

export interface Applied {
  readonly presentation: Presentation
  readonly details: readonly Detail[]
}
