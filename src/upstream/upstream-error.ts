/** What can go wrong with an upstream answer; a closed list for events. */
export type Fault =
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

export interface FaultDetails {
  readonly cause?: unknown
  readonly status?: number
  /** Seconds the upstream asked us to wait. */
  readonly retryAfter?: number | undefined
}

/** An upstream that failed, is slow, or answers nonsense. Its message never quotes what the upstream sent. */
export class UpstreamFault extends Error {
  readonly fault: Fault
  readonly status: number | undefined
  readonly retryAfter: number | undefined

  constructor(fault: Fault, message: string, details: FaultDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'UpstreamFault'
    this.fault = fault
    this.status = details.status
    this.retryAfter = details.retryAfter
  }
}
