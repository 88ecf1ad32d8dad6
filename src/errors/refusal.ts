import {
  type ErrorDetails,
  type ErrorKind,
  INSUFFICIENT_SCOPE,
  INVALID_REQUEST,
  INVALID_TOKEN,
  type KindDetails,
  MISSING_CREDENTIALS,
  UNAVAILABLE,
} from './errors.ts'
import type { Kind } from './kind.ts'
import { CLAIM_OF, type Reason, type ReasonFor, type RefusedClaim, sentenceFor } from './reasons.ts'

/** What a refusal carries besides its reason. */
export interface RefusalDetails extends ErrorDetails, KindDetails {
  /** Of an input that is too large: its size and the limit, for events. */
  readonly size?: number
  readonly limit?: number
}

const NO_DETAILS: RefusalDetails = Object.freeze({})

// Why: docs/decisions/refusals.md

/**
 * Why a request is refused. Steps return it and never throw it: an exception costs many times more than the response, and
 * most refusals never become an error.
 */
export class Refusal {
  readonly kind: ErrorKind
  readonly reason: Reason
  readonly details: RefusalDetails

  constructor(kind: ErrorKind, reason: Reason, details: RefusalDetails = NO_DETAILS) {
    this.kind = kind
    this.reason = reason
    this.details = details
    Object.freeze(this)
  }

  get status(): Kind['status'] {
    return this.kind.status
  }

  /** The claim that caused it. */
  get claim(): RefusedClaim | undefined {
    return this.details.claim ?? CLAIM_OF[this.reason]
  }

  /** The fixed sentence that the caller reads. */
  get description(): string {
    return sentenceFor(this.kind, this.reason, this.claim)
  }
}

// One object for each reason and claim without other details, so that refusing allocates nothing.
const plain = new Map<string, Refusal>()

export function refusal(kind: ErrorKind, reason: Reason, details?: RefusalDetails): Refusal {
  return details ? new Refusal(kind, reason, details) : shared(reason, () => new Refusal(kind, reason))
}

function shared(name: string, create: () => Refusal): Refusal {
  const existing = plain.get(name)
  if (existing) return existing
  const created = create()
  plain.set(name, created)
  return created
}

export const NO_CREDENTIALS = refusal(MISSING_CREDENTIALS, 'no_credentials')

export const invalidRequest = (reason: ReasonFor<'InvalidRequest'>): Refusal => refusal(INVALID_REQUEST, reason)

export const invalidToken = (reason: ReasonFor<'InvalidToken'>, details?: RefusalDetails): Refusal =>
  refusal(INVALID_TOKEN, reason, details)

/** @param claim the one that caused it; `undefined` if the list of {@link RefusedClaim} does not have it */
export const invalidClaim = (reason: ReasonFor<'InvalidToken'>, claim: RefusedClaim | undefined): Refusal =>
  claim === undefined
    ? invalidToken(reason)
    : shared(`${reason} ${claim}`, () => new Refusal(INVALID_TOKEN, reason, { claim }))

/** @param option the limit, such as `limits.token` */
export const tooLarge = (size: number, limit: number, option: string): Refusal =>
  new Refusal(INVALID_TOKEN, 'token_too_large', { size, limit, option })

/** @param scopes all that the route requires; none where no scope would help */
export const insufficientScope = (scopes: readonly string[]): Refusal =>
  scopes.length > 0 ? refusal(INSUFFICIENT_SCOPE, 'scope', { scopes }) : refusal(INSUFFICIENT_SCOPE, 'guard')

export const unavailable = (reason: ReasonFor<'Unavailable'>, details?: RefusalDetails): Refusal =>
  refusal(UNAVAILABLE, reason, details)
