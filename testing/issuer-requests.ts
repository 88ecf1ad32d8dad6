import type { Part } from './parts.ts'

/** A request that reached the issuer. */
export interface RecordedRequest {
  /** `other` for a place where it has nothing to answer. */
  readonly part: Part | 'other'
  readonly method: string
  readonly url: string
}

/** What an issuer was asked for, and how often. */
export interface IssuerRequests {
  readonly metadata: number
  readonly keys: number
  readonly introspection: number
  /** Requests to any other place: none may follow a redirect. */
  readonly other: number
  /** All of them, in order. */
  readonly all: readonly RecordedRequest[]
  /** The tokens it was asked about, in order. */
  readonly introspectedTokens: readonly string[]
  /** Begins to count anew. */
  reset(): void
}

export interface RequestLog extends IssuerRequests {
  record(request: RecordedRequest): void
  recordToken(token: string): void
}

export function createRequestLog(): RequestLog {
  const all: RecordedRequest[] = []
  const introspectedTokens: string[] = []
  const count = (part: RecordedRequest['part']) => all.filter((one) => one.part === part).length
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
    all,
    introspectedTokens,
    record: (request) => void all.push(request),
    recordToken: (token) => void introspectedTokens.push(token),
    reset() {
      all.length = 0
      introspectedTokens.length = 0
    },
  }
}
