import type { Answer } from './answer.ts'

/**
 * Every reason for which a request can be refused, by the error it leads to, with the sentence the caller reads. The
 * list is closed and the sentences are fixed: nothing from a token, a request or an upstream answer ever reaches a
 * response. The characters are those RFC 6750 §3 allows in `error_description`.
 */
const REASONS = {
  MissingCredentials: {
    no_credentials: 'The request carries no access token',
  },
  InvalidRequest: {
    credentials_syntax: 'The Authorization field is not a scheme followed by one token',
    several_credentials: 'The request carries more than one credential',
    query_token: 'An access token in the query string is not accepted',
    form_syntax: 'The access_token parameter of the form body is not one token',
    form_too_large: 'The form body is larger than this server accepts',
  },
  InvalidToken: {
    token_too_large: 'The access token is larger than this server accepts',
    malformed: 'The access token is malformed',
    algorithm: 'The access token is signed with an algorithm that is not accepted',
    token_type: 'The token is not an access token',
    issuer: 'The access token comes from an issuer that is not trusted',
    audience: 'The access token is meant for another resource',
    missing_claim: 'The access token lacks a required claim',
    expired: 'The access token has expired',
    not_yet_valid: 'The access token is not valid yet',
    too_old: 'The access token was issued too long ago',
    unknown_key: 'The access token is signed with an unknown key',
    signature: 'The signature of the access token does not verify',
    inactive: 'The access token is not active',
    confirmation: 'The access token is bound to a key that the request does not prove',
    claims: 'The claims of the access token are not as required',
  },
  InvalidDpopProof: {
    proof_missing: 'The request carries no DPoP proof',
    several_proofs: 'The request carries more than one DPoP proof',
    proof_too_large: 'The DPoP proof is larger than this server accepts',
    proof_malformed: 'The DPoP proof is malformed',
    proof_type: 'The DPoP field does not hold a DPoP proof',
    proof_algorithm: 'The DPoP proof is signed with an algorithm that is not accepted',
    proof_key: 'The DPoP proof holds no public key that is accepted',
    proof_claims: 'The DPoP proof lacks a required claim or holds a wrong one',
    proof_method: 'The DPoP proof is meant for another method',
    proof_target: 'The DPoP proof is meant for another URI',
    proof_time: 'The DPoP proof was made too long ago or lies in the future',
    proof_token: 'The DPoP proof is meant for another access token',
    proof_signature: 'The signature of the DPoP proof does not verify',
    proof_replayed: 'The DPoP proof has been used before',
  },
  UseDpopNonce: {
    proof_nonce: 'The DPoP proof does not hold a nonce that this server gave out lately',
  },
  InsufficientScope: {
    scope: 'The access token lacks a required scope',
    guard: 'The access token does not permit this request',
  },
  Unavailable: {
    keys_unavailable: 'The keys of the authorization server cannot be reached',
    issuer_unavailable: 'The settings of the authorization server cannot be loaded',
    introspection_unavailable: 'The authorization server cannot be asked about the access token',
    replay_unavailable: 'It cannot be determined whether the DPoP proof has been used before',
  },
} as const satisfies Record<string, Record<string, string>>

type KindName = keyof typeof REASONS

/** The reasons that lead to one error. */
type ReasonFor<Name extends KindName> = keyof (typeof REASONS)[Name]

/** Why a request was refused: fine-grained and closed, for logs, metrics and tests. */
export type Reason = { [Name in KindName]: ReasonFor<Name> }[KindName]

const DESCRIPTIONS: Readonly<Record<Reason, string>> = Object.assign({}, ...Object.values(REASONS))

/** The `error` codes of RFC 6750 §3.1 and RFC 9449 §7.1, §9. */
export type WireError =
  | 'invalid_request'
  | 'invalid_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'insufficient_scope'

interface Kind {
  readonly status: 400 | 401 | 403 | 503
  readonly code: string
  readonly error?: WireError
}

const KINDS = {
  MissingCredentials: { status: 401, code: 'ERR_MISSING_CREDENTIALS' },
  InvalidRequest: { status: 400, code: 'ERR_INVALID_REQUEST', error: 'invalid_request' },
  InvalidToken: { status: 401, code: 'ERR_INVALID_TOKEN', error: 'invalid_token' },
  InvalidDpopProof: { status: 401, code: 'ERR_INVALID_DPOP_PROOF', error: 'invalid_dpop_proof' },
  UseDpopNonce: { status: 401, code: 'ERR_USE_DPOP_NONCE', error: 'use_dpop_nonce' },
  InsufficientScope: { status: 403, code: 'ERR_INSUFFICIENT_SCOPE', error: 'insufficient_scope' },
  Unavailable: { status: 503, code: 'ERR_UNAVAILABLE' },
} as const satisfies Record<KindName, Kind>

export interface ErrorDetails {
  /** What lies behind the error. It is for your logs; it never reaches the caller. */
  readonly cause?: unknown
  /** Scopes that would have helped. */
  readonly scopes?: readonly string[]
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number
}

const NO_SCOPES: readonly string[] = Object.freeze([])

// Marks instances across copies of the package, so that `instanceof` holds when an application and one of its
// libraries each bring their own.
const BRAND = Symbol.for('bearward.error')

// Not a standard, but known to V8 and JavaScriptCore; elsewhere it changes nothing.
const STACKS = Error as { stackTraceLimit?: number | undefined }

/**
 * A refusal is an answer, not a fault in the code: where it was made tells nothing, and to collect that for each bad
 * request would cost more than to refuse it. The stack of a `cause` is kept.
 */
function limitStack(frames: number | undefined): number | undefined {
  const before = STACKS.stackTraceLimit
  if (before !== frames && !Object.isFrozen(STACKS)) STACKS.stackTraceLimit = frames
  return before
}

/**
 * A request that was not let through. Frameworks that render errors by `status`, `statusCode`, `headers`,
 * `getResponse()` or `toResponse()` answer it correctly by themselves.
 */
export abstract class BearwardError extends Error {
  readonly status: Kind['status']
  /** Stable and machine-readable, such as `ERR_INVALID_TOKEN`. */
  readonly code: string
  readonly reason: Reason
  /** The `error` code of the challenge (RFC 6750 §3.1), where it has one. */
  readonly error: WireError | undefined
  readonly scopes: readonly string[]
  readonly retryAfter: number | undefined
  #answer: Answer | undefined

  protected constructor(kind: KindName, reason: Reason, details: ErrorDetails = {}) {
    const limit = limitStack(0)
    super(DESCRIPTIONS[reason], 'cause' in details ? { cause: details.cause } : undefined)
    limitStack(limit)
    const row: Kind = KINDS[kind]
    this.status = row.status
    this.code = row.code
    this.reason = reason
    this.error = row.error
    this.scopes = details.scopes ?? NO_SCOPES
    this.retryAfter = details.retryAfter
  }

  /** The fixed sentence the caller reads. */
  get description(): string {
    return DESCRIPTIONS[this.reason]
  }

  get statusCode(): number {
    return this.status
  }

  /** For frameworks that hide messages of server errors: ours are fixed sentences, those below 500 may be shown. */
  get expose(): boolean {
    return this.status < 500
  }

  /** The complete answer, once a resource server has prepared it; `undefined` on an error you made yourself. */
  get answer(): Answer | undefined {
    return this.#answer
  }

  /** The response fields, the challenge among them. */
  get headers(): Readonly<Record<string, string>> {
    return this.#answer?.headers ?? {}
  }

  /** Lays the prepared answer into the error, so that it renders itself wherever it ends up. */
  prepared(answer: Answer): this {
    this.#answer = answer
    return this
  }

  toResponse(): Response {
    return new Response(this.#answer?.body ?? null, { status: this.status, headers: this.headers })
  }

  /** The name Hono's default error handler looks for. */
  getResponse(): Response {
    return this.toResponse()
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const kind = (value as { [BRAND]?: string } | null | undefined)?.[BRAND]
    if (kind === undefined) return false
    // A subclass of an application has no row in the table and is judged in the ordinary way.
    if (Object.hasOwn(this, 'kind')) return (this as unknown as { kind: string }).kind === kind
    return this === BearwardError || Function.prototype[Symbol.hasInstance].call(this, value)
  }
}

/** No credential, or none of a scheme that is accepted: 401 and a bare challenge (RFC 6750 §3.1). */
export class MissingCredentials extends BearwardError {
  static readonly kind: KindName = 'MissingCredentials'
  constructor(details?: ErrorDetails) {
    super('MissingCredentials', 'no_credentials', details)
  }
}

/** The request itself is wrong: 400 `invalid_request`. */
export class InvalidRequest extends BearwardError {
  static readonly kind: KindName = 'InvalidRequest'
  constructor(reason: ReasonFor<'InvalidRequest'>, details?: ErrorDetails) {
    super('InvalidRequest', reason, details)
  }
}

/** The token is not good: 401 `invalid_token`. */
export class InvalidToken extends BearwardError {
  static readonly kind: KindName = 'InvalidToken'
  constructor(reason: ReasonFor<'InvalidToken'>, details?: ErrorDetails) {
    super('InvalidToken', reason, details)
  }
}

/** The proof of possession is missing or wrong: 401 `invalid_dpop_proof` (RFC 9449 §7.1). */
export class InvalidDpopProof extends BearwardError {
  static readonly kind: KindName = 'InvalidDpopProof'
  constructor(reason: ReasonFor<'InvalidDpopProof'>, details?: ErrorDetails) {
    super('InvalidDpopProof', reason, details)
  }
}

/** The proof must be made again, with a nonce of ours: 401 `use_dpop_nonce` (RFC 9449 §9). */
export class UseDpopNonce extends BearwardError {
  static readonly kind: KindName = 'UseDpopNonce'
  /** What the `DPoP-Nonce` field of the answer gives out. */
  readonly nonce: string
  constructor(nonce: string, details?: ErrorDetails) {
    super('UseDpopNonce', 'proof_nonce', details)
    this.nonce = nonce
  }
}

/** The token is good but does not permit this request: 403 `insufficient_scope`. */
export class InsufficientScope extends BearwardError {
  static readonly kind: KindName = 'InsufficientScope'
  constructor(reason: ReasonFor<'InsufficientScope'>, details?: ErrorDetails) {
    super('InsufficientScope', reason, details)
  }
}

/** We cannot decide now, and it is not the caller's fault: 503 and `Retry-After`, no challenge. */
export class Unavailable extends BearwardError {
  static readonly kind: KindName = 'Unavailable'
  constructor(reason: ReasonFor<'Unavailable'>, details?: ErrorDetails) {
    super('Unavailable', reason, details)
  }
}

// Shared by all instances, because to lay them into each would cost as much as the rest of it.
for (const type of [
  MissingCredentials,
  InvalidRequest,
  InvalidToken,
  InvalidDpopProof,
  UseDpopNonce,
  InsufficientScope,
  Unavailable,
]) {
  Object.defineProperty(type.prototype, 'name', { value: type.kind, configurable: true, writable: true })
  Object.defineProperty(type.prototype, BRAND, { value: type.kind })
}

/** An option is wrong. Thrown at construction, never while a request is served. */
export class ConfigurationError extends TypeError {
  readonly code = 'ERR_CONFIGURATION'
  /** The option's path, such as `issuer.audience`. */
  readonly option: string

  constructor(option: string, problem: string) {
    super(`bearward: option ${option} ${problem}`)
    this.name = 'ConfigurationError'
    this.option = option
  }
}
