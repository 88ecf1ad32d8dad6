import type { Reason } from 'bearward'

/** Explanations of each `reason`. */
const IN_WORDS: Readonly<Record<Reason, string>> = {
  no_credentials: 'There was no token in the request (RFC 6750 §3.1).',
  credentials_syntax: 'The Authorization header does not have the form “Bearer token” (RFC 6750 §2.1).',
  several_credentials: 'A request may contain only one token, in one place (RFC 6750 §2).',
  query_token:
    'A token in a URL ends up in logs, histories and Referer headers. It is refused there, even if it is valid (RFC 9700 §4.3.2).',
  token_syntax: 'The header, cookie or subprotocol does not contain exactly one token (RFC 6750 §2.1).',
  form_syntax: 'The form does not contain exactly one token (RFC 6750 §2.2).',
  form_too_large: 'The form exceeds the API’s limit.',
  token_too_large: 'The token exceeds the API’s limit.',
  malformed: 'This is neither a JWT nor anything else the API can read (RFC 7515 §5.2).',
  algorithm:
    'The API does not accept the token’s signature algorithm. With “none”, anyone could forge tokens (RFC 8725 §3.1).',
  token_type:
    'This is not an access token. An ID token, for example, tells a client who signed in; it grants no access to an API (RFC 9068 §2.1, RFC 8725 §3.11).',
  issuer: 'The token comes from an authorization server that this API does not trust (RFC 8725 §3.8).',
  audience: 'The token is for another API. If it were accepted here, that API could act in your name (RFC 9068 §4).',
  encrypted: 'The token is encrypted, and this API has no key for it (RFC 7516).',
  client: 'The token was issued to a client that this API does not serve (RFC 9068 §2.2).',
  missing_claim: 'A required claim is missing (RFC 9068 §2.2).',
  expired: 'The token has expired. The client can get a new one, for example with its refresh token (RFC 7519 §4.1.4).',
  not_yet_valid: 'The token is not valid yet (RFC 7519 §4.1.5).',
  too_old: 'The token was issued longer ago than this API accepts.',
  unknown_key: 'The authorization server publishes no key with that ID (RFC 7517 §4.5).',
  signature: 'The token is not what the authorization server signed: it has been changed (RFC 7515 §5.2).',
  inactive:
    'According to the authorization server, this token is not active: it is revoked, expired, or was never issued (RFC 7662 §2.2).',
  confirmation:
    'The token is bound to a key or a certificate, and the request does not prove possession of it. A stolen token is useless (RFC 7800 §3.1, RFC 9449 §7.2, RFC 8705 §3).',
  unbound: 'This route requires a token that is bound to a key, and this one is not.',
  revoked: 'The API has learned that this token, its user, its session or its client was revoked.',
  status:
    'The status list of the issuer says that this token is revoked or suspended (draft-ietf-oauth-status-list §7.1).',
  lifetime: 'The token lives longer than this API keeps revocations.',
  claims: 'The claims do not meet the requirements of this API.',
  proof_missing:
    'The token is bound to a key, but the request has no proof. A stolen token is useless without the key (RFC 9449 §7.1).',
  several_proofs: 'A request may contain only one proof (RFC 9449 §4.3).',
  proof_too_large: 'The proof exceeds the API’s limit.',
  proof_malformed: 'The proof is not a JWT (RFC 9449 §4.3).',
  proof_type: 'The JWT in the DPoP header is not a proof (RFC 9449 §4.3).',
  proof_algorithm: 'The API does not accept the proof’s signature algorithm (RFC 9449 §4.3).',
  proof_key: 'The proof contains no suitable public key (RFC 9449 §4.3).',
  proof_claims: 'The proof lacks a required claim (RFC 9449 §4.3).',
  proof_method: 'The proof is valid, but for a request with another method (RFC 9449 §4.3).',
  proof_target: 'The proof is valid, but for another URL (RFC 9449 §4.3).',
  proof_time: 'The proof is too old, or from the future (RFC 9449 §4.3).',
  proof_token: 'The proof is valid, but for another token (RFC 9449 §4.3).',
  proof_signature: 'The key in the proof did not sign it (RFC 9449 §4.3).',
  proof_replayed:
    'This proof has been used before. An attacker who has seen a request cannot replay it (RFC 9449 §11.1).',
  proof_nonce: 'The proof must contain a nonce of the API, which the response provides (RFC 9449 §9).',
  authentication: 'The user must sign in again, or with a stronger method (RFC 9470 §3).',
  replay_unavailable: 'The API cannot check whether this proof has been used before.',
  revocation_unavailable: 'The API cannot check whether this token has been revoked.',
  status_unavailable: 'The API cannot load the list that says whether this token is still valid.',
  scope:
    'The token is valid, but the user or the registration did not grant the scope that this route requires (RFC 6750 §3.1).',
  guard: 'The token is valid, but a rule of this route does not permit the request (RFC 6750 §3.1).',
  keys_unavailable: 'The keys of the authorization server are unavailable, so the API cannot verify this token.',
  lookups_limited: 'The API looks up too many authorization servers at the moment.',
  issuer_unavailable: 'The settings of the authorization server are unavailable.',
  introspection_unavailable: 'The authorization server cannot introspect this token.',
}

/** Explains a reason; `undefined` if it is unknown. */
export const inWords = (reason: string): string | undefined =>
  Object.hasOwn(IN_WORDS, reason) ? IN_WORDS[reason as Reason] : undefined
