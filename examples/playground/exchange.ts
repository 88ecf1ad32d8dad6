/** Who speaks. */
export type Party = 'browser' | 'client' | 'authorization server' | 'API' | 'attacker'

/** One half of an exchange, as it went over the wire. */
export interface Message {
  /** The request line or the status line. */
  readonly start: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** What is not shown, in words. */
  readonly omitted?: string
}

export interface Exchange {
  readonly from: Party
  readonly to: Party
  readonly request: Message
  readonly answer: Message
}
