/** A complete answer to a request: what an adapter writes, unchanged. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
