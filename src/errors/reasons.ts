/**
 * Every reason to refuse a request, grouped by error, with the sentence that the caller reads. The sentences are fixed, so
 * nothing from a token, a request or an upstream response reaches our response. They use only the characters that
 * RFC 6750 §3 allows in `error_description`.
 */
const REASONS = {
  MissingCredentials: {
    no_credentials: 'The request carries no access token',
  },
  InvalidRequest: {
    credentials_syntax: 'The Authorization header must be a scheme followed by one token',
    several_credentials: 'The request carries more than one credential',
    query_token: 'An access token in the query string is not accepted',
    form_syntax: 'The access_token parameter of the form body must be one token',
    token_syntax: 'The header, cookie or subprotocol for the access token must hold one token',
    form_too_large: 'The form body is larger than this server accepts',
  },
  InvalidToken: {
    token_too_large: 'The access token is larger than this server accepts',
    malformed: 'The access token is malformed',
    encrypted: 'The access token is encrypted, and this server cannot read it',
    algorithm: 'The access token is signed with an algorithm that is not accepted',
    token_type: 'The token is not an access token',
    issuer: 'The issuer of the access token is not trusted',
    audience: 'The access token is meant for another resource',
    client: 'The access token was issued to a client that is not accepted',
    missing_claim: 'The access token lacks a required claim',
    expired: 'The access token has expired',
    not_yet_valid: 'The access token is not valid yet',
    too_old: 'The access token was issued too long ago',
    unknown_key: 'The access token is signed with an unknown key',
    signature: 'The signature of the access token is invalid',
    inactive: 'The access token is not active',
    confirmation: 'The request does not prove possession of the key that the access token is bound to',
    unbound: 'This request requires an access token that is bound to a key',
    claims: 'The claims of the access token are not accepted',
    revoked: 'The access token has been revoked',
    status: 'The access token is not valid according to its status list',
    lifetime: 'The access token is valid for longer than this server accepts',
  },
  InvalidDpopProof: {
    proof_missing: 'The request carries no DPoP proof',
    several_proofs: 'The request carries more than one DPoP proof',
    proof_too_large: 'The DPoP proof is larger than this server accepts',
    proof_malformed: 'The DPoP proof is malformed',
    proof_type: 'The DPoP header does not hold a DPoP proof',
    proof_algorithm: 'The DPoP proof is signed with an algorithm that is not accepted',
    proof_key: 'The DPoP proof has no accepted public key (jwk)',
    proof_claims: 'A claim of the DPoP proof is missing or malformed',
    proof_method: 'The DPoP proof is meant for another HTTP method (htm)',
    proof_target: 'The DPoP proof is meant for another URI (htu)',
    proof_time: 'The DPoP proof is too old, or not valid yet',
    proof_token: 'The DPoP proof is meant for another access token (ath)',
    proof_signature: 'The signature of the DPoP proof is invalid',
    proof_replayed: 'The DPoP proof has been used before',
  },
  UseDpopNonce: {
    proof_nonce: 'The DPoP proof needs the nonce from the DPoP-Nonce header',
  },
  InsufficientUserAuthentication: {
    authentication: 'The user must sign in again, or with a stronger method',
  },
  InsufficientScope: {
    scope: 'The access token lacks a required scope',
    guard: 'The access token does not permit this request',
  },
  Unavailable: {
    keys_unavailable: 'The keys of the authorization server cannot be loaded',
    lookups_limited: 'Too many authorization servers are being looked up at the moment',
    issuer_unavailable: 'The settings of the authorization server cannot be loaded',
    introspection_unavailable: 'The access token cannot be introspected at the authorization server',
    replay_unavailable: 'This server cannot check whether the DPoP proof has been used before',
    revocation_unavailable: 'This server cannot check whether the access token has been revoked',
    status_unavailable: 'The status list of the access token cannot be loaded',
  },
} as const satisfies Record<string, Record<string, string>>

export type KindName = keyof typeof REASONS

/** The reasons for one error. */
export type ReasonFor<Name extends KindName> = keyof (typeof REASONS)[Name]

/** Why a request was refused: fine-grained and closed, for logs, metrics and tests. */
export type Reason = { [Name in KindName]: ReasonFor<Name> }[KindName]

const DESCRIPTIONS: Readonly<Record<Reason, string>> = Object.assign({}, ...Object.values(REASONS))

const CLAIMS = [
  'aud',
  'exp',
  'nbf',
  'iat',
  'iss',
  'sub',
  'client_id',
  'azp',
  'jti',
  'typ',
  'nonce',
  'at_hash',
  'c_hash',
  'scope',
  'acr',
  'auth_time',
  'cnf',
] as const

/** The claims that a refusal can name. `typ` is also the header member. */
export type RefusedClaim = (typeof CLAIMS)[number]

/** The claim of a reason that is always about the same one. */
export const CLAIM_OF: Readonly<Partial<Record<Reason, RefusedClaim>>> = {
  issuer: 'iss',
  audience: 'aud',
  expired: 'exp',
  too_old: 'iat',
  lifetime: 'exp',
  confirmation: 'cnf',
  unbound: 'cnf',
  scope: 'scope',
}

/** Of a sign-in that is required: with both, nothing says which of the two is missing. */
export const signInClaim = (acr: readonly string[] = [], maxAge: number | undefined): { claim?: RefusedClaim } => {
  if (maxAge === undefined) return { claim: 'acr' }
  return acr.length === 0 ? { claim: 'auth_time' } : {}
}

/** The reasons whose sentence names the claim, if there is one. In all others the sentence says enough. */
const CLAIM_SENTENCES: Readonly<Partial<Record<Reason, (claim: RefusedClaim) => string>>> = {
  missing_claim: (claim) => `The access token lacks the claim ${claim}`,
  malformed: (claim) => `The claim ${claim} of the access token is malformed`,
  token_type: (claim) => `The token is not an access token, according to ${claim}`,
  not_yet_valid: (claim) => `The access token is not valid yet, according to ${claim}`,
}

/** The fixed sentence that the caller reads. */
export const sentenceFor = (reason: Reason, claim: RefusedClaim | undefined): string =>
  (claim && CLAIM_SENTENCES[reason]?.(claim)) ?? DESCRIPTIONS[reason]

/** All sentences of a reason. */
export const sentencesFor = (reason: Reason): readonly string[] => [
  ...new Set([undefined, ...CLAIMS].map((claim) => sentenceFor(reason, claim))),
]

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
}

export const KINDS = {
  MissingCredentials: { status: 401, code: 'ERR_MISSING_CREDENTIALS' },
  InvalidRequest: { status: 400, code: 'ERR_INVALID_REQUEST', error: 'invalid_request' },
  InvalidToken: { status: 401, code: 'ERR_INVALID_TOKEN', error: 'invalid_token' },
  InvalidDpopProof: { status: 401, code: 'ERR_INVALID_DPOP_PROOF', error: 'invalid_dpop_proof' },
  UseDpopNonce: { status: 401, code: 'ERR_USE_DPOP_NONCE', error: 'use_dpop_nonce' },
  InsufficientUserAuthentication: {
    status: 401,
    code: 'ERR_INSUFFICIENT_USER_AUTHENTICATION',
    error: 'insufficient_user_authentication',
  },
  InsufficientScope: { status: 403, code: 'ERR_INSUFFICIENT_SCOPE', error: 'insufficient_scope' },
  Unavailable: { status: 503, code: 'ERR_UNAVAILABLE' },
} as const satisfies Record<KindName, Kind>
