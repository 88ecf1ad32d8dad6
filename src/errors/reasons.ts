import type { Kind } from './kind.ts'
import type { PROOF_KINDS } from './proof-reasons.ts'

/**
 * Every reason to refuse a request, grouped by error, with the sentence that the caller reads; those of DPoP proofs are in
 * `proof-reasons.ts`. The sentences are fixed, so nothing from a token, a request or an upstream response reaches our
 * response. They use only the characters that RFC 6750 §3 allows in `error_description`.
 */
export const KINDS = {
  MissingCredentials: {
    status: 401,
    code: 'ERR_MISSING_CREDENTIALS',
    sentences: {
      no_credentials: 'The request carries no access token',
    },
  },
  InvalidRequest: {
    status: 400,
    code: 'ERR_INVALID_REQUEST',
    error: 'invalid_request',
    sentences: {
      credentials_syntax: 'The Authorization header must be a scheme followed by one token',
      several_credentials: 'The request carries more than one credential',
      query_token: 'An access token in the query string is not accepted',
      form_syntax: 'The access_token parameter of the form body must be one token',
      token_syntax: 'The header, cookie or subprotocol for the access token must hold one token',
      form_too_large: 'The form body is larger than this server accepts',
    },
  },
  InvalidToken: {
    status: 401,
    code: 'ERR_INVALID_TOKEN',
    error: 'invalid_token',
    sentences: {
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
  },
  InsufficientUserAuthentication: {
    status: 401,
    code: 'ERR_INSUFFICIENT_USER_AUTHENTICATION',
    error: 'insufficient_user_authentication',
    sentences: {
      authentication: 'The user must sign in again, or with a stronger method',
    },
  },
  InsufficientScope: {
    status: 403,
    code: 'ERR_INSUFFICIENT_SCOPE',
    error: 'insufficient_scope',
    sentences: {
      scope: 'The access token lacks a required scope',
      guard: 'The access token does not permit this request',
    },
  },
  Unavailable: {
    status: 503,
    code: 'ERR_UNAVAILABLE',
    sentences: {
      keys_unavailable: 'The keys of the authorization server cannot be loaded',
      lookups_limited: 'Too many authorization servers are being looked up at the moment',
      issuer_unavailable: 'The settings of the authorization server cannot be loaded',
      introspection_unavailable: 'The access token cannot be introspected at the authorization server',
      replay_unavailable: 'This server cannot check whether the DPoP proof has been used before',
      revocation_unavailable: 'This server cannot check whether the access token has been revoked',
      status_unavailable: 'The status list of the access token cannot be loaded',
    },
  },
} as const satisfies Record<string, Kind>

type AllKinds = typeof KINDS & typeof PROOF_KINDS

export type KindName = keyof AllKinds

/** The reasons for one error. */
export type ReasonFor<Name extends KindName> = keyof AllKinds[Name]['sentences']

/** Why a request was refused: fine-grained and closed, for logs, metrics and tests. */
export type Reason = { [Name in KindName]: ReasonFor<Name> }[KindName]

export const CLAIMS = [
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
export const sentenceFor = (kind: Kind, reason: Reason, claim: RefusedClaim | undefined): string =>
  (claim && CLAIM_SENTENCES[reason]?.(claim)) ?? (kind.sentences[reason] as string)
