import type { Part } from './parts.ts'

/** A request that reached the issuer. */
export interface AskedFor {
  /** `other` for a place where it has nothing to answer. */
  readonly part: Part | 'other'
  readonly method: string
  readonly url: string
}

/** What an issuer was asked for, and how often. */
export interface Asked {
  readonly metadata: number
  readonly keys: number
  readonly introspection: number
  /** Requests to any other place: none may follow a redirect. */
  readonly other: number
  /** All of them, in order. */
  readonly requests: readonly AskedFor[]
  /** The tokens it was asked about, in order. */
  readonly tokens: readonly string[]
  /** Begins to count anew. */
  reset(): void
}

export interface Counting extends Asked {
  note(request: AskedFor): void
  noteToken(token: string): void
}

export function createCounting(): Counting {
  const requests: AskedFor[] = []
  const tokens: string[] = []
  const count = (part: AskedFor['part']) => requests.filter((one) => one.part === part).length
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
