import type { Possession } from './client/possession.ts'
import type { Exchange } from './exchange.ts'
import type { Stage } from './stage.ts'

// What a flow is made of. The page knows how to show these, and nothing about any one flow.
// Texts may hold `code`, and name sections such as "RFC 6749 §4.1", which the page turns into links.

/** How something went. `refused` is often what it should be: an attack that fails. */
export type Outcome = 'good' | 'refused' | 'note'

/** A name, a value and what it means. */
export interface Fact {
  readonly name: string
  readonly value: string
  readonly meaning: string
}

/** What came of an action. */
export interface Entry {
  readonly id: number
  readonly step: string
  readonly outcome: Outcome
  readonly title: string
  readonly text: string
  readonly facts: readonly Fact[]
  readonly exchanges: readonly Exchange[]
}

export type NewEntry = Pick<Entry, 'outcome' | 'title' | 'text'> & Partial<Pick<Entry, 'facts' | 'exchanges'>>

/** `attack` is what somebody does who should not. */
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

/** What a client holds. */
export interface HeldToken {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly kind: 'access token' | 'refresh token' | 'ID token'
  /** Present where the API wants a proof with it (RFC 9449). */
  readonly scheme: 'Bearer' | 'DPoP'
}

/** Where a flow writes down what happened and keeps what it was given. */
export interface Journal {
  add(step: string, entry: NewEntry): void
  /** Replaces what was kept under the same id. */
  keep(token: HeldToken): void
}

/** A flow that somebody is going through; what it remembers, it remembers in its closure. */
export interface Going {
  steps(): readonly Step[]
  readonly actions: Readonly<Record<string, () => Promise<void>>>
  /** Where tokens are bound: who holds what they are bound to. */
  readonly possession?: Possession | undefined
  /** The browser has come back to the client's redirect URI. */
  callback?(arrived: Arrival): Promise<void>
}

export interface Arrival {
  readonly url: URL
  /** The request as the client got it, with the answer it is going to give. */
  readonly exchange: Exchange
}

export interface Flow {
  readonly id: string
  readonly title: string
  /** Who uses it. */
  readonly who: string
  readonly summary: string
  /** The standards. */
  readonly decidedBy: string
  begin(stage: Stage, journal: Journal): Going
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
