import type { NetworkProblem } from '../util/network-problem.ts'
import type { Seconds } from '../util/time.ts'

/** Why an upstream request failed; a closed list, also for events. */
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
  readonly status?: number | undefined
  /** `Retry-After` of the upstream, in seconds. */
  readonly retryAfter?: number | undefined
  /** Why the connection failed, with `network`. */
  readonly network?: NetworkProblem | undefined
  /** The media type of a key set that is not one. */
  readonly mediaType?: string | undefined
}

/** A failed, slow or invalid upstream response. Its message never quotes what the upstream sent. */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode
  readonly status: number | undefined
  readonly retryAfter: number | undefined
  readonly mediaType: string | undefined
  readonly network: NetworkProblem | undefined

  constructor(code: UpstreamErrorCode, message: string, details: UpstreamErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'UpstreamError'
    this.code = code
    this.status = details.status
    this.retryAfter = details.retryAfter
    this.mediaType = details.mediaType
    this.network = details.network
  }
}

/** The error as it is, if it is one of ours. */
export const asUpstreamError = (thrown: unknown, message: string): UpstreamError =>
  thrown instanceof UpstreamError ? thrown : new UpstreamError('network', message, { cause: thrown })

/** `Retry-After`, for the statuses where it is a request to wait (RFC 6585 §4). */
export function requestedDelay({ status, retryAfter }: UpstreamError): Seconds | undefined {
  return status === undefined || status === 429 || status === 503 ? retryAfter : undefined
}
