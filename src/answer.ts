/** Response fields by their names. */
export type ResponseFields = Readonly<Record<string, string>>

/** A complete answer to a request: what an adapter writes, unchanged. */
export interface Answer {
  readonly status: number
  readonly headers: ResponseFields
  readonly body: string
}
