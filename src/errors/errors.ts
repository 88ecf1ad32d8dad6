import type { HttpResponse } from '../http-message.ts'
import {
  DESCRIPTIONS,
  KINDS,
  type Kind,
  type KindName,
  type Reason,
  type ReasonFor,
  type WireError,
} from './reasons.ts'

/**
 * What an error of this package can be made with, beside its reason. Nothing of it but `scopes` and `retryAfter` becomes
 * part of an answer.
 */
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
  #response: HttpResponse | undefined

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
  get response(): HttpResponse | undefined {
    return this.#response
  }

  /** The response fields, the challenge among them. */
  get headers(): Readonly<Record<string, string>> {
    return this.#response?.headers ?? {}
  }

  /** Lays the prepared answer into the error, so that it renders itself wherever it ends up. */
  prepared(response: HttpResponse): this {
    this.#response = response
    return this
  }

  toResponse(): Response {
    return new Response(this.#response?.body ?? null, { status: this.status, headers: this.headers })
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

/** The user has to sign in again, or in a stronger way: 401 `insufficient_user_authentication` (RFC 9470 §3). */
export class InsufficientUserAuthentication extends BearwardError {
  static readonly kind: KindName = 'InsufficientUserAuthentication'
  /** The `acr_values` that would do, the best first; empty where any will do. */
  readonly acr: readonly string[]
  /** How many seconds ago the user may have signed in, at most. */
  readonly maxAge: number | undefined
  constructor(required: { readonly acr?: readonly string[]; readonly maxAge?: number }, details?: ErrorDetails) {
    super('InsufficientUserAuthentication', 'authentication', details)
    this.acr = required.acr ?? []
    this.maxAge = required.maxAge
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
  InsufficientUserAuthentication,
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
