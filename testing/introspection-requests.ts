import type { Part } from './parts.ts'

/** A request that reached the issuer. */
export interface RecordedRequest {
  /** `other` for a place where it has nothing to answer. */
  readonly part: Part | 'other'
  readonly method: string
  readonly url: string
}

/** What an issuer was asked for, and how often. */
export interface IntrospectionRequests {
  readonly metadata: number
  readonly keys: number
  readonly introspection: number
  /** Requests to any other place: none may follow a redirect. */
  readonly other: number
  /** All of them, in order. */
  readonly requests: readonly RecordedRequest[]
  /** The tokens it was asked about, in order. */
  readonly tokens: readonly string[]
  /** Begins to count anew. */
  reset(): void
}

export interface Counting extends IntrospectionRequests {
  note(request: RecordedRequest): void
  noteToken(token: string): void
}

export function createCounting(): Counting {
  const requests: RecordedRequest[] = []
  const tokens: string[] = []
  const count = (part: RecordedRequest['part']) => requests.filter((one) => one.part === part).length
  return {
    get metadata() {
      return count('metadata')
    },
    get keys() {
      return count('keys')
    },
    get introspection() {
      return count('introspection')
    },
    get other() {
      return count('other')
    },
    requests,
    tokens,
    note: (request) => void requests.push(request),
    noteToken: (token) => void tokens.push(token),
    reset() {
      requests.length = 0
      tokens.length = 0
    },
  }
}
