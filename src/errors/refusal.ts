import {
  CLAIM_OF,
  KINDS,
  type Kind,
  type KindName,
  type Reason,
  type ReasonFor,
  type RefusedClaim,
  sentenceFor,
} from './reasons.ts'

/** What a refusal carries besides its reason. It appears in a response only where noted. */
export interface RefusalDetails {
  /** For logs and events; never part of a response. */
  readonly cause?: unknown
  /** Scopes that would help: `scope` of the challenge (RFC 6750 §3). */
  readonly scopes?: readonly string[]
  /** Seconds after which a retry makes sense: `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** The option to change if the refusal is not wanted, for logs and events. */
  readonly option?: string
  /** The claim that caused it, unless the reason says so: see {@link CLAIM_OF}. Only its name, in a fixed sentence. */
  readonly claim?: RefusedClaim
  /** Of an input that is too large: its size and the limit, for events. */
  readonly size?: number
  readonly limit?: number
  /** `DPoP-Nonce` (RFC 9449 §9). */
  readonly nonce?: string
  /** `acr_values` and `max_age` (RFC 9470 §3). */
  readonly acr?: readonly string[]
  readonly maxAge?: number | undefined
}

const NO_DETAILS: RefusalDetails = Object.freeze({})

// Why: docs/decisions/refusals.md

/**
 * Why a request is refused. Steps return it and never throw it: an exception costs many times more than the response, and
 * most refusals never become an error.
 */
export class Refusal {
  readonly kind: KindName
  readonly reason: Reason
  readonly details: RefusalDetails

  constructor(kind: KindName, reason: Reason, details: RefusalDetails = NO_DETAILS) {
    this.kind = kind
    this.reason = reason
    this.details = details
    Object.freeze(this)
  }

  get row(): Kind {
    return KINDS[this.kind]
  }

  get status(): Kind['status'] {
    return KINDS[this.kind].status
  }

  /** The claim that caused it. */
  get claim(): RefusedClaim | undefined {
    return this.details.claim ?? CLAIM_OF[this.reason]
  }

  /** The fixed sentence that the caller reads. */
  get description(): string {
    return sentenceFor(this.reason, this.claim)
  }
}

// One object for each reason and claim without other details, so that refusing allocates nothing.
const plain = new Map<string, Refusal>()

function refusal(kind: KindName, reason: Reason, details?: RefusalDetails): Refusal {
  return details ? new Refusal(kind, reason, details) : shared(reason, () => new Refusal(kind, reason))
}

function shared(name: string, create: () => Refusal): Refusal {
  const existing = plain.get(name)
  if (existing) return existing
  const created = create()
  plain.set(name, created)
  return created
}

export const MISSING_CREDENTIALS = refusal('MissingCredentials', 'no_credentials')

export const invalidRequest = (reason: ReasonFor<'InvalidRequest'>): Refusal => refusal('InvalidRequest', reason)

export const invalidToken = (reason: ReasonFor<'InvalidToken'>, details?: RefusalDetails): Refusal =>
  refusal('InvalidToken', reason, details)

/** @param claim the one that caused it; `undefined` if the list of {@link RefusedClaim} does not have it */
export const invalidClaim = (reason: ReasonFor<'InvalidToken'>, claim: RefusedClaim | undefined): Refusal =>
  claim === undefined
    ? invalidToken(reason)
    : shared(`${reason} ${claim}`, () => new Refusal('InvalidToken', reason, { claim }))

/** @param option the limit, such as `limits.token` */
export const tooLarge = (size: number, limit: number, option: string): Refusal =>
  new Refusal('InvalidToken', 'token_too_large', { size, limit, option })

export const invalidDpopProof = (reason: ReasonFor<'InvalidDpopProof'>): Refusal => refusal('InvalidDpopProof', reason)

export const useDpopNonce = (nonce: string): Refusal => refusal('UseDpopNonce', 'proof_nonce', { nonce })

/** @param scopes all that the route requires; none where no scope would help */
export const insufficientScope = (scopes: readonly string[]): Refusal =>
  scopes.length > 0 ? refusal('InsufficientScope', 'scope', { scopes }) : refusal('InsufficientScope', 'guard')

export const unavailable = (reason: ReasonFor<'Unavailable'>, details?: RefusalDetails): Refusal =>
  refusal('Unavailable', reason, details)
