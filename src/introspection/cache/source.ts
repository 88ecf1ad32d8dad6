import type { NumericDate, Seconds } from '../../util/time.ts'
import type { AskedIssuer, Asker } from '../introspector.ts'
import type { KnownVerdict } from './local-cache.ts'
import { momentAt } from './timestamp.ts'

/** A token, and whom to ask about it. */
export interface Inquiry {
  readonly issuer: AskedIssuer
  readonly asker: Asker
  readonly raw: string
  readonly digest: string
}

/** What a verdict has to be to be of use. */
export interface Wanted {
  readonly maxAge: Seconds
  /** Nothing that was asked before this moment, by the wall: something newer is known, or it was to be forgotten. */
  readonly newerThan: NumericDate
  /** False once the answer is of no use to anybody else. */
  isCurrent(): boolean
}

/** Where verdicts come from that are not known in this process. */
export interface VerdictSource {
  /** Milliseconds after which `find` has ended by itself. */
  patience(asker: Asker): number
  /** @throws {Unavailable} where there is no answer */
  find(inquiry: Inquiry, wanted: Wanted): Promise<KnownVerdict>
  /** Drops what other processes would find; `false` where that did not work. */
  forget(inquiry: Inquiry): Promise<boolean>
}

/** The issuers themselves. */
export const issuersAsSource = (clock: () => NumericDate): VerdictSource => ({
  patience: ({ deadline }) => deadline,
  find: (inquiry) => askIssuer(inquiry, clock),
  forget: async () => true,
})

export async function askIssuer({ issuer, asker, raw }: Inquiry, clock: () => NumericDate): Promise<KnownVerdict> {
  // From before the question: what is revoked while it is on its way may not be known to the answer.
  const askedAt = momentAt(clock())
  return { issuer, answer: await asker.ask(raw), askedAt, facts: undefined }
}
