import type { Part } from './parts.ts'

/** A request the issuer received. */
export interface RecordedRequest {
  /** `other`: not an endpoint of the issuer. */
  readonly part: Part | 'other'
  readonly method: string
  readonly url: string
}

/** The requests an issuer received: how many to each endpoint, and all of them in order. */
export interface IssuerRequests {
  readonly metadata: number
  readonly keys: number
  readonly introspection: number
  /** Requests to any other URL, such as a redirect's target. */
  readonly other: number
  /** All requests, in order. */
  readonly all: readonly RecordedRequest[]
  /** The tokens in introspection requests, in order. */
  readonly introspectedTokens: readonly string[]
  /** Clears the record. */
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
