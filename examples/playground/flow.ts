import type { Possession } from './client/possession.ts'
import type { Exchange } from './exchange.ts'
import type { Stage } from './stage.ts'

// The parts of a flow. The page renders them without knowing any particular flow.
// Texts may contain `code` and sections such as "RFC 6749 §4.1", which the page turns into links.

/** The outcome of an action. `refused` is often the right one: an attack that fails. */
export type Outcome = 'good' | 'refused' | 'note'

/** A name, a value and its meaning. */
export interface Detail {
  readonly name: string
  readonly value: string
  readonly meaning: string
}

/** The result of an action. */
export interface Entry {
  readonly id: number
  readonly step: string
  readonly outcome: Outcome
  readonly title: string
  /** What the user chose for this request. */
  readonly choices: readonly string[]
  readonly text: string
  readonly details: readonly Detail[]
  readonly exchanges: readonly Exchange[]
}

export type NewEntry = Pick<Entry, 'outcome' | 'title' | 'text'> &
  Partial<Pick<Entry, 'choices' | 'details' | 'exchanges'>>

/** `attack` marks an attacker's action. */
export type Tone = 'main' | 'plain' | 'attack'

export type Control =
  | { readonly kind: 'button'; readonly action: string; readonly label: string; readonly tone: Tone }
  | {
      readonly kind: 'link'
      readonly href: string
      readonly label: string
      readonly tone: Tone
      readonly newTab?: boolean
    }

export interface Step {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly controls: readonly Control[]
}

/** A token the client has. */
export interface HeldToken {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly kind: 'access token' | 'refresh token' | 'ID token'
  /** `DPoP` requires a proof (RFC 9449). */
  readonly scheme: 'Bearer' | 'DPoP'
}

/** Records the results and tokens of a flow. */
export interface Journal {
  add(step: string, entry: NewEntry): void
  /** Replaces the token with the same id. */
  store(token: HeldToken): void
}

/** A running flow. Its state is in its closure. */
export interface ActiveFlow {
  steps(): readonly Step[]
  readonly actions: Readonly<Record<string, () => Promise<void>>>
  /** The proof of possession, if tokens are bound. */
  readonly possession?: Possession | undefined
  /** The browser has come back to the client's redirect URI. */
  callback?(arrived: Arrival): Promise<void>
}

export interface Arrival {
  readonly url: URL
  /** The request as the client received it, with its response. */
  readonly exchange: Exchange
}

export interface Flow {
  readonly id: string
  readonly title: string
  /** The kind of client that uses it. */
  readonly who: string
  readonly summary: string
  /** The standards. */
  readonly decidedBy: string
  begin(stage: Stage, journal: Journal): ActiveFlow
}

export const button = (action: string, label: string, tone: Tone = 'main'): Control => ({
  kind: 'button',
  action,
  label,
  tone,
})

export const link = (href: string, label: string, tone: Tone = 'main', newTab = false): Control => ({
  kind: 'link',
  href,
  label,
  tone,
  newTab,
})
