import type { Reason } from 'bearward'

/** The `reason` of a refusal, in the words of somebody who explains it. */
const IN_WORDS: Readonly<Record<Reason, string>> = {
  no_credentials: 'There was no token in the request (RFC 6750 §3.1).',
  credentials_syntax: 'The Authorization field does not have the form “Bearer token” (RFC 6750 §2.1).',
  several_credentials: 'A token may come in one place only, and once (RFC 6750 §2).',
  query_token:
    'A token in an address ends up in logs, histories and Referer fields. It is refused there, even if it is good (RFC 9700 §4.3.2).',
  form_syntax: 'The form does not hold one token (RFC 6750 §2.2).',
  form_too_large: 'The form is larger than the API reads.',
  token_too_large: 'The token is larger than the API reads.',
  malformed: 'This is neither a JWT nor anything else the API can read (RFC 7515 §5.2).',
  algorithm:
    'The token names a signature algorithm that the API does not accept. “none” would let anybody write tokens (RFC 8725 §3.1).',
  token_type:
    'This is a token of another kind. An ID token tells a client who signed in; it is not a key to an API (RFC 9068 §2.1, RFC 8725 §3.11).',
  issuer: 'The token comes from an authorization server that this API does not trust (RFC 8725 §3.8).',
  audience: 'The token is for another API. To take it here would let that API act in your name (RFC 9068 §4).',
  missing_claim: 'A claim that every access token has is missing (RFC 9068 §2.2).',
  expired:
    'The time of the token is over. A client gets a new one, with its refresh token for instance (RFC 7519 §4.1.4).',
  not_yet_valid: 'The time of the token has not come yet (RFC 7519 §4.1.5).',
  too_old: 'The token was issued longer ago than this API accepts.',
  unknown_key: 'The authorization server publishes no key of that name (RFC 7517 §4.5).',
  signature:
    'What the token says is not what the authorization server signed: somebody has changed it on the way (RFC 7515 §5.2).',
  inactive:
    'The authorization server was asked, and said that this token is not active: it is revoked, expired, or was never issued (RFC 7662 §2.2).',
  confirmation:
    'The token is bound to a key or a certificate, and the request does not prove that the sender has it. Stolen, it is of no use (RFC 7800 §3.1, RFC 9449 §7.2, RFC 8705 §3).',
  unbound: 'This route wants a token that is bound to a key, and this one is not.',
  claims: 'The claims are not as this API wants them.',
  proof_missing:
    'The token is bound to a key, and no proof came with it. Stolen, it is of no use without the key (RFC 9449 §7.1).',
  several_proofs: 'One request, one proof (RFC 9449 §4.3).',
  proof_too_large: 'The proof is larger than the API reads.',
  proof_malformed: 'The proof is not a JWT (RFC 9449 §4.3).',
  proof_type: 'What came in the DPoP field is a JWT of another kind (RFC 9449 §4.3).',
  proof_algorithm: 'The proof is signed in a way that the API does not accept (RFC 9449 §4.3).',
  proof_key: 'The proof holds no public key that will do (RFC 9449 §4.3).',
  proof_claims: 'The proof lacks something that every proof has (RFC 9449 §4.3).',
  proof_method: 'The proof is good, but for a request with another method (RFC 9449 §4.3).',
  proof_target: 'The proof is good, but for another address (RFC 9449 §4.3).',
  proof_time: 'The proof is too old, or from the future (RFC 9449 §4.3).',
  proof_token: 'The proof is good, but goes with another token (RFC 9449 §4.3).',
  proof_signature: 'The signature of the proof is not by the key in it (RFC 9449 §4.3).',
  proof_replayed:
    'This very proof has been used before. Who has seen a request go by cannot send it again (RFC 9449 §11.1).',
  proof_nonce: 'The API wants a value of its own in the proof, and has just given one out (RFC 9449 §9).',
  authentication: 'The person has to sign in again, or in a stronger way (RFC 9470 §3).',
  replay_unavailable: 'Nobody can say whether this proof has been used before.',
  scope:
    'The token is good, but the person or the registration did not grant the scope that this route needs (RFC 6750 §3.1).',
  guard: 'The token is good, but a rule of this route says no (RFC 6750 §3.1).',
  keys_unavailable: 'The keys of the authorization server cannot be had, so nobody can say whether this token is good.',
  issuer_unavailable: 'The settings of the authorization server cannot be had.',
  introspection_unavailable: 'The authorization server does not answer questions about this token.',
}

/** What a reason means; nothing, for what is no reason of ours. */
export const inWords = (reason: string): string | undefined =>
  Object.hasOwn(IN_WORDS, reason) ? IN_WORDS[reason as Reason] : undefined
