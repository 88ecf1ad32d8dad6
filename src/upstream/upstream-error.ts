/** What can go wrong with an upstream answer; a closed list for events. */
export type UpstreamErrorCode =
  | 'timeout'
  | 'network'
  | 'status'
  | 'redirect'
  | 'content_type'
  | 'too_large'
  | 'json'
  | 'shape'
  | 'issuer_mismatch'
  | 'insecure_url'
  | 'no_usable_keys'
  | 'client_refused'
  | 'discovery'
  | 'claims'
  | 'closed'

export interface UpstreamErrorDetails {
  readonly cause?: unknown
  readonly status?: number
  /** Seconds the upstream asked us to wait. */
  readonly retryAfter?: number | undefined
}

/** An upstream that failed, is slow, or answers nonsense. Its message never quotes what the upstream sent. */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode
  readonly status: number | undefined
  readonly retryAfter: number | undefined

  constructor(code: UpstreamErrorCode, message: string, details: UpstreamErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'UpstreamError'
    this.code = code
    this.status = details.status
    this.retryAfter = details.retryAfter
  }
}
