/** The `error` codes of RFC 6750 §3.1, RFC 9449 §7.1, §9 and RFC 9470 §3. */
export type WireError =
  | 'invalid_request'
  | 'invalid_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'insufficient_user_authentication'
  | 'insufficient_scope'

/** What all errors of one class share. */
export interface Kind {
  readonly status: 400 | 401 | 403 | 503
  readonly code: string
  readonly error?: WireError
  /** Its reasons, with the sentence that the caller reads. */
  readonly sentences: Readonly<Record<string, string>>
}
