import type { HttpResponse } from '../http-message.ts'
import type { Kind, WireError } from './kind.ts'
import {
  CLAIM_OF,
  KINDS,
  type KindName,
  type Reason,
  type ReasonFor,
  type RefusedClaim,
  sentenceFor,
  signInClaim,
} from './reasons.ts'

/**
 * What an error of this package can carry besides its reason. Only `scopes`, `retryAfter` and the name of `claim` become part of a
 * response.
 */
export interface ErrorDetails {
  /** The underlying error. It is for your logs and never reaches the caller. */
  readonly cause?: unknown
  /** Scopes that would have helped. */
  readonly scopes?: readonly string[] | undefined
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number | undefined
  /** The option to change if the refusal is not wanted. Only `message` names it. */
  readonly option?: string | undefined
  /** The claim that caused it. Default: by the reason. */
  readonly claim?: RefusedClaim | undefined
}

/** A kind of errors, with its class. */
export interface ErrorKind extends Kind {
  readonly name: KindName
  /** Creates an error of this kind. */
  create(reason: never, details: ErrorDetails & KindDetails): BearwardError
}

/** What only errors of some kinds have. */
export interface KindDetails {
  /** `DPoP-Nonce` (RFC 9449 §9). */
  readonly nonce?: string | undefined
  /** `acr_values` and `max_age` (RFC 9470 §3). */
  readonly acr?: readonly string[] | undefined
  readonly maxAge?: number | undefined
}

const NO_SCOPES: readonly string[] = Object.freeze([])

// Marks instances across copies of the package, so that `instanceof` works when an application and one of its libraries
// each have their own.
const BRAND = Symbol.for('bearward.error')

interface Branded {
  readonly [BRAND]: ErrorKind
}

// Not standard, but supported by V8 and JavaScriptCore; elsewhere it has no effect.
const STACKS = Error as { stackTraceLimit?: number | undefined }

/**
 * A refusal is a response, not a bug, so its stack is useless, and collecting it for each bad request would cost more than
 * refusing the request. The stack of a `cause` is preserved.
 */
function limitStack(frames: number | undefined): number | undefined {
  const before = STACKS.stackTraceLimit
  if (before !== frames && !Object.isFrozen(STACKS)) STACKS.stackTraceLimit = frames
  return before
}

/**
 * A refused request. Frameworks that render errors by `status`, `statusCode`, `headers`, `getResponse()` or
 * `toResponse()` send the right response themselves.
 */
export abstract class BearwardError extends Error {
  readonly status: Kind['status']
  /** Stable and machine-readable, such as `ERR_INVALID_TOKEN`. */
  readonly code: string
  readonly reason: Reason
  /** The claim that caused it; `undefined` if it is not about a claim, or not about a single one. */
  readonly claim: RefusedClaim | undefined
  /** The `error` code of the challenge (RFC 6750 §3.1), if it has one. */
  readonly error: WireError | undefined
  readonly scopes: readonly string[]
  readonly retryAfter: number | undefined
  /** The option of the resource server to change if the refusal is not wanted. */
  readonly option: string | undefined
  readonly #description: string
  #response: HttpResponse | undefined

  protected constructor(kind: Kind, reason: Reason, details: ErrorDetails = {}) {
    const { option, cause } = details
    const claim = details.claim ?? CLAIM_OF[reason]
    const sentence = sentenceFor(kind, reason, claim)
    const message = option === undefined ? sentence : `${sentence}; see the option ${option}`
    // Nothing of the caller runs in between: what throws there would leave every error without its stack.
    const limit = limitStack(0)
    super(message, cause === undefined ? undefined : { cause })
    limitStack(limit)
    this.status = kind.status
    this.code = kind.code
    this.reason = reason
    this.claim = claim
    this.error = kind.error
    this.#description = sentence
    this.scopes = details.scopes ?? NO_SCOPES
    this.retryAfter = details.retryAfter
    this.option = option
  }

  /** The fixed sentence that the caller reads. */
  get description(): string {
    return this.#description
  }

  get statusCode(): number {
    return this.status
  }

  /** For frameworks that hide the messages of server errors: messages below 500 are fixed sentences and may be exposed. */
  get expose(): boolean {
    return this.status < 500
  }

  /** The complete response, once a resource server has prepared it; `undefined` on an error that you created. */
  get response(): HttpResponse | undefined {
    return this.#response
  }

  /** The response headers, including the challenge. */
  get headers(): Readonly<Record<string, string>> {
    return this.#response?.headers ?? {}
  }

  /** Attaches the response, so that the error can render itself. */
  prepared(response: HttpResponse): this {
    this.#response = response
    return this
  }

  toResponse(): Response {
    return new Response(this.#response?.body ?? null, { status: this.status, headers: this.headers })
  }

  /** The method that Hono's default error handler calls. */
  getResponse(): Response {
    return this.toResponse()
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const kind = (value as Partial<Branded> | null | undefined)?.[BRAND]
    if (kind === undefined) return false
    // A subclass in an application has no kind of its own, so the ordinary rule applies.
    if (Object.hasOwn(this, 'kind')) return (this as unknown as { kind: string }).kind === kind.name
    return this === BearwardError || Function.prototype[Symbol.hasInstance].call(this, value)
  }
}

/** The class of a kind, whose constructor usually takes the reason and details. */
interface ErrorClass {
  readonly kind: KindName
  readonly prototype: BearwardError
  new (reason: never, details: ErrorDetails): BearwardError
}

/**
 * Completes the class of a kind.
 *
 * @param create calls its constructor, if that has other parameters
 */
export function defineKind(
  type: ErrorClass,
  kind: Kind,
  create: ErrorKind['create'] = (reason, details) => new type(reason, details),
): ErrorKind {
  const complete = Object.freeze({ ...kind, name: type.kind, create })
  // On the prototype, because setting them on each instance would double the cost of an error.
  Object.defineProperty(type.prototype, 'name', { value: type.kind, configurable: true, writable: true })
  Object.defineProperty(type.prototype, BRAND, { value: complete })
  return complete
}

/** The kind of an error, also of one from another copy of the package. */
export const kindOf = (error: BearwardError): ErrorKind => (error as BearwardError & Branded)[BRAND]

/** No credential, or none of a scheme that is accepted: 401 and a bare challenge (RFC 6750 §3.1). */
export class MissingCredentials extends BearwardError {
  static readonly kind: KindName = 'MissingCredentials'
  constructor(details?: ErrorDetails) {
    super(MISSING_CREDENTIALS, 'no_credentials', details)
  }
}

export const MISSING_CREDENTIALS = defineKind(
  MissingCredentials,
  KINDS.MissingCredentials,
  (_, details) => new MissingCredentials(details),
)

/** The request itself is wrong: 400 `invalid_request`. */
export class InvalidRequest extends BearwardError {
  static readonly kind: KindName = 'InvalidRequest'
  constructor(reason: ReasonFor<'InvalidRequest'>, details?: ErrorDetails) {
    super(INVALID_REQUEST, reason, details)
  }
}

export const INVALID_REQUEST = defineKind(InvalidRequest, KINDS.InvalidRequest)

/** The token is not valid: 401 `invalid_token`. */
export class InvalidToken extends BearwardError {
  static readonly kind: KindName = 'InvalidToken'
  constructor(reason: ReasonFor<'InvalidToken'>, details?: ErrorDetails) {
    super(INVALID_TOKEN, reason, details)
  }
}

export const INVALID_TOKEN = defineKind(InvalidToken, KINDS.InvalidToken)

/** The user must sign in again, or with a stronger method: 401 `insufficient_user_authentication` (RFC 9470 §3). */
export class InsufficientUserAuthentication extends BearwardError {
  static readonly kind: KindName = 'InsufficientUserAuthentication'
  /** The accepted `acr_values` in order of preference; empty if any is accepted. */
  readonly acr: readonly string[]
  /** The maximum number of seconds since the user signed in. */
  readonly maxAge: number | undefined
  constructor(
    required: { readonly acr?: readonly string[] | undefined; readonly maxAge?: number | undefined },
    details?: ErrorDetails,
  ) {
    super(INSUFFICIENT_USER_AUTHENTICATION, 'authentication', {
      ...signInClaim(required.acr, required.maxAge),
      ...details,
    })
    this.acr = required.acr ?? []
    this.maxAge = required.maxAge
  }
}

export const INSUFFICIENT_USER_AUTHENTICATION = defineKind(
  InsufficientUserAuthentication,
  KINDS.InsufficientUserAuthentication,
  (_, details) => new InsufficientUserAuthentication(details, details),
)

/** The token is valid but does not permit this request: 403 `insufficient_scope`. */
export class InsufficientScope extends BearwardError {
  static readonly kind: KindName = 'InsufficientScope'
  constructor(reason: ReasonFor<'InsufficientScope'>, details?: ErrorDetails) {
    super(INSUFFICIENT_SCOPE, reason, details)
  }
}

export const INSUFFICIENT_SCOPE = defineKind(InsufficientScope, KINDS.InsufficientScope)

/** No decision is possible now, and that is not the caller's fault: 503 and `Retry-After`, no challenge. */
export class Unavailable extends BearwardError {
  static readonly kind: KindName = 'Unavailable'
  constructor(reason: ReasonFor<'Unavailable'>, details?: ErrorDetails) {
    super(UNAVAILABLE, reason, details)
  }
}

export const UNAVAILABLE = defineKind(Unavailable, KINDS.Unavailable)

/** An option is wrong. Thrown at construction, never while a request is served. */
export class ConfigurationError extends TypeError {
  readonly code = 'ERR_CONFIGURATION'
  /** The option's path, such as `issuer.audience`. */
  readonly option: string
  /** What is wrong with it, such as `must be one of …`. */
  readonly problem: string

  constructor(option: string, problem: string) {
    super(`bearward: option ${option} ${problem}`)
    this.name = 'ConfigurationError'
    this.option = option
    this.problem = problem
  }
}
