import type { Reason } from 'bearward'
import { expect } from 'vitest'
import { exchange, type RawRequest, type RawResponse } from '../http/raw-client.ts'
import type { Connect } from '../tls/tls.ts'
import type { App, Reached } from './app.ts'
import { appsThatSee } from './runtime.ts'

/** A second copy of the sentences for callers: none can change by accident or contain anything else. */
export const SENTENCES: Readonly<Record<Reason, string>> = {
  no_credentials: 'The request carries no access token',
  form_too_large: 'The form body is larger than this server accepts',
  credentials_syntax: 'The Authorization header must be a scheme followed by one token',
  several_credentials: 'The request carries more than one credential',
  query_token: 'An access token in the query string is not accepted',
  form_syntax: 'The access_token parameter of the form body must be one token',
  token_syntax: 'The header, cookie or subprotocol for the access token must hold one token',
  token_too_large: 'The access token is larger than this server accepts',
  malformed: 'The access token is malformed',
  algorithm: 'The access token is signed with an algorithm that is not accepted',
  token_type: 'The token is not an access token',
  issuer: 'The issuer of the access token is not trusted',
  audience: 'The access token is meant for another resource',
  encrypted: 'The access token is encrypted, and this server cannot read it',
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
  revoked: 'The access token has been revoked',
  status: 'The access token is not valid according to its status list',
  lifetime: 'The access token is valid for longer than this server accepts',
  authentication: 'The user must sign in again, or with a stronger method',
  claims: 'The claims of the access token are not accepted',
  scope: 'The access token lacks a required scope',
  guard: 'The access token does not permit this request',
  keys_unavailable: 'The keys of the authorization server cannot be loaded',
  lookups_limited: 'Too many authorization servers are being looked up at the moment',
  issuer_unavailable: 'The settings of the authorization server cannot be loaded',
  introspection_unavailable: 'The access token cannot be introspected at the authorization server',
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
  proof_nonce: 'The DPoP proof needs the nonce from the DPoP-Nonce header',
  replay_unavailable: 'This server cannot check whether the DPoP proof has been used before',
  revocation_unavailable: 'This server cannot check whether the access token has been revoked',
  status_unavailable: 'The status list of the access token cannot be loaded',
}

/** The sentences that name a claim (A9). */
const CLAIM_SENTENCES: Readonly<Partial<Record<Reason, (claim: string) => string>>> = {
  missing_claim: (claim) => `The access token lacks the claim ${claim}`,
  malformed: (claim) => `The claim ${claim} of the access token is malformed`,
  token_type: (claim) => `The token is not an access token, according to ${claim}`,
  not_yet_valid: (claim) => `The access token is not valid yet, according to ${claim}`,
}

const CLAIMS = 'aud exp nbf iat iss sub client_id azp jti typ nonce at_hash c_hash scope acr auth_time cnf'.split(' ')

export const sentenceFor = (reason: Reason, claim: string | undefined): string =>
  (claim ? CLAIM_SENTENCES[reason]?.(claim) : undefined) ?? SENTENCES[reason]

/** True if a sentence says this reason, and names a claim of the closed list or none. */
export const isSentenceFor = (reason: Reason, sentence: string): boolean =>
  [undefined, ...CLAIMS].some((claim) => sentenceFor(reason, claim) === sentence)

const STATUS_OF = {
  invalid_request: 400,
  invalid_token: 401,
  invalid_dpop_proof: 401,
  use_dpop_nonce: 401,
  insufficient_user_authentication: 401,
  insufficient_scope: 403,
} as const

/** The expected response to a refused request. */
export interface Refusal {
  /** `undefined` without a credential. */
  readonly error?: keyof typeof STATUS_OF
  readonly reason: Reason
  /** The claim that the sentence names; if absent, it may name any or none. */
  readonly claim?: string
  /** The scopes in the challenge, if any. */
  readonly scope?: string
  /** The sign-in that the challenge requires, if any (RFC 9470 §3). */
  readonly acr_values?: string
  readonly max_age?: string
}

export interface Place {
  readonly realm: string
  readonly metadata: string
}

export const PLACE: Place = {
  realm: 'https://api.example.com',
  metadata: 'https://api.example.com/.well-known/oauth-protected-resource',
}

const HEADERS = ['www-authenticate', 'cache-control', 'content-type']

/** The parts of a response that clients act on. Of a handler's response, only the content counts. */
function essence({ status, all, body }: RawResponse) {
  if (status === 200) return { status, body: JSON.parse(body) as unknown }
  // It counts down, and each API reads its own clock.
  const waits = all('retry-after').map((value) => value.replace(/^[1-9]\d*$/, 'some seconds'))
  return { status, headers: HEADERS.map((name) => [name, ...all(name)]), waits, body }
}

/** Sends one request to every API, fails unless all responses are equal, and returns the response. */
export async function responseOfAll(
  all: readonly App[],
  request: RawRequest | string,
  connect?: Connect,
): Promise<RawResponse> {
  const apps = appsThatSee(all, request)
  const responses = await Promise.all(apps.map((app) => exchange(app.port, request, connect)))
  const [first] = responses
  if (!first) throw new Error('there is no API')
  for (const [index, response] of responses.entries()) {
    const name = `${apps[index]?.name} responds like ${apps[0]?.name}`
    expect(essence(response), name).toEqual(essence(first))
  }
  return first
}

/** Fails unless every API refuses the request with exactly this response, and no handler has run. */
export async function expectRefusal(
  apps: readonly App[],
  request: RawRequest | string,
  refusal: Refusal,
  place: Place = PLACE,
  connect?: Connect,
): Promise<void> {
  const before = apps.map((app) => app.reached.length)
  const response = await responseOfAll(apps, request, connect)
  const { error, reason, claim, scope, acr_values, max_age } = refusal
  const said = /error_description="([^"]*)"/.exec(response.all('www-authenticate')[0] ?? '')?.[1]
  const sentence =
    claim === undefined && said !== undefined && isSentenceFor(reason, said) ? said : sentenceFor(reason, claim)
  expect(
    {
      status: response.status,
      challenge: response.all('www-authenticate').map(parseChallenge),
      cache: response.all('cache-control'),
      type: response.all('content-type'),
      retry: response.all('retry-after'),
      body: response.body === '' ? '' : (JSON.parse(response.body) as unknown),
    },
    reason,
  ).toEqual({
    status: error ? STATUS_OF[error] : 401,
    challenge: [
      {
        scheme: 'Bearer',
        parameters: {
          realm: place.realm,
          ...(error && { error, error_description: sentence }),
          ...(acr_values && { acr_values }),
          ...(max_age && { max_age }),
          ...(scope && { scope }),
          resource_metadata: place.metadata,
        },
      },
    ],
    cache: ['no-store'],
    type: ['application/json'],
    retry: [],
    body: isHead(request) ? '' : { ...(error && { error }), error_description: sentence, reason },
  })
  expect(
    apps.map((app) => app.reached.length),
    'no handler runs',
  ).toEqual(before)
}

const isHead = (request: RawRequest | string): boolean =>
  typeof request === 'string' ? request.startsWith('HEAD ') : request.method === 'HEAD'

/** Fails unless every API lets the request through to its handler; returns what the handlers saw. */
export async function expectReached(
  apps: readonly App[],
  request: RawRequest | string,
  connect?: Connect,
): Promise<Reached> {
  const response = await responseOfAll(apps, request, connect)
  expect(response.status, response.body).toBe(200)
  return JSON.parse(response.body) as Reached
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const QUOTED = '"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"'
const PARAMETER = new RegExp(`^(${TOKEN})=(${QUOTED})`)

export interface Challenge {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Parses one challenge with quoted parameters in the characters of RFC 6750 §3, and throws on anything else. */
export function parseChallenge(value: string): Challenge {
  const scheme = new RegExp(`^(${TOKEN}) `).exec(value)?.[1]
  if (!scheme) throw new Error(`no challenge: ${JSON.stringify(value)}`)
  const parameters: Record<string, string> = {}
  let rest = value.slice(scheme.length + 1)
  for (;;) {
    const [match, name, quoted] = PARAMETER.exec(rest) ?? []
    if (match === undefined || name === undefined || quoted === undefined) {
      throw new Error(`no parameter: ${JSON.stringify(rest)}`)
    }
    if (Object.hasOwn(parameters, name)) throw new Error(`${name} occurs twice (RFC 6750 §3)`)
    parameters[name] = quoted.slice(1, -1)
    rest = rest.slice(match.length)
    if (rest === '') return { scheme, parameters }
    if (!rest.startsWith(', ')) throw new Error(`no list: ${JSON.stringify(rest)}`)
    rest = rest.slice(2)
  }
}
