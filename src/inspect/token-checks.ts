import { confirmationOf } from '../access-token/confirmation.ts'
import { NO_GRAPH } from '../access-token/scope-graph.ts'
import { createScopeReader } from '../access-token/scopes.ts'
import { checkAudience, checkStrings, checkTimesOf, requireClaim } from '../claims/registered-claims.ts'
import type { Limits } from '../config/limits.ts'
import type { Reason, RefusedClaim } from '../errors/reasons.ts'
import { invalidToken, Refusal, tooLarge } from '../errors/refusal.ts'
import { ALL_FEATURES } from '../features/all.ts'
import { isEncrypted } from '../jwt/encrypted.ts'
import { createHeaderReader } from '../jwt/header.ts'
import { parseCompactJwt } from '../jwt/parse-jwt.ts'
import { checkTokenKind, type Profile } from '../jwt/token-kind.ts'
import { checkOptions } from '../options.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate } from '../util/time.ts'

const readScopes = createScopeReader(NO_GRAPH)

/** What a token is checked against. Checks without an expected value stay open. */
export interface TokenExpectations {
  readonly issuer?: string | undefined
  readonly resource?: string | undefined
  /** The accepted audiences, if they are not `resource`. */
  readonly audience?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  readonly profile?: Profile | undefined
  readonly now: NumericDate
}

/** One of the checks of a resource server. */
export interface CheckResult {
  readonly check: string
  /** `open`: the available information does not decide it. */
  readonly outcome: 'met' | 'refused' | 'open'
  readonly words: string
  /** Why a server would refuse it. */
  readonly reason?: Reason
  /** The claim that caused it, if the reason does not say so. */
  readonly claim?: RefusedClaim
}

// Without discovery, the issuer may be any string (RFC 7519 §4.1.1).
const NOT_LOADED = { load: () => ({ keys: [] }) }

const PLACEHOLDER = 'https://issuer.invalid'

/**
 * Runs the checks of a resource server one by one, with the code that a server uses and in its order. A server stops at the
 * first failed check; here all of them run.
 *
 * Not checked here: the signature, which needs the keys of the issuer; and whether the token was revoked.
 *
 * @throws {ConfigurationError} for an issuer, a resource or an audience that is not valid
 */
export function checksOf(token: string, expected: TokenExpectations): readonly CheckResult[] {
  const { issuer = PLACEHOLDER, resource = PLACEHOLDER, profile = 'compat', scopes = [], now } = expected
  const { audience = expected.resource === undefined ? undefined : [resource] } = expected
  const settings = checkOptions(
    {
      resource,
      issuer: { issuer, profile, keys: NOT_LOADED, ...(audience && { audience }) },
    },
    ALL_FEATURES.options,
  )
  const { limits } = settings
  const [rules] = 'resolve' in settings.issuers ? [] : settings.issuers
  if (!rules) throw new TypeError('expected one configured issuer')

  const jwt = parsed(token, limits)
  const form = result(
    'form',
    'three parts of canonical base64url, an accepted algorithm, within the size limits (RFC 7515)',
    jwt,
  )
  if (jwt instanceof Refusal) return [form]
  const { header, claims } = jwt
  const granted = readScopes(claims, rules.scopeClaims)
  const missing = scopes.filter((scope) => !granted.has(scope))
  return [
    form,
    ...(rules.algorithms.includes(header.algorithm)
      ? []
      : [open('algorithm', `${header.algorithm} is accepted only if the option algorithms lists it`)]),
    issuerResult(claims, expected.issuer),
    result(
      'kind',
      `an access token, by its typ and claims (profile ${profile}; RFC 9068, RFC 8725 §3.11)`,
      checkTokenKind(header.type, claims, rules),
    ),
    audience === undefined
      ? open('audience', 'pass the resource, or the audience, to check aud')
      : result('audience', `aud names ${audience.join(' or ')}`, checkAudience(claims, rules)),
    result('claims', 'sub, client_id and jti are strings', checkStrings(claims)),
    result(
      'times',
      `exp is present, and exp, nbf and iat are valid with a tolerance of ${rules.clockTolerance} s (RFC 7519 §4.1.4-6)`,
      requireClaim(claims, 'exp') ?? checkTimesOf(claims, rules, now),
    ),
    result(
      'binding',
      Object.hasOwn(claims, 'cnf')
        ? 'each request must prove possession of a key or certificate (RFC 7800)'
        : 'none: anyone who has the token can use it',
      confirmationOf(claims),
    ),
    expected.scopes === undefined
      ? open('scope', `grants ${granted.list.join(' ') || 'nothing'}; pass the scope of a route to check it`)
      : outcome('scope', missing.length === 0, `grants ${scopes.join(' ')}`, 'scope'),
    open(
      'signature',
      `${header.algorithm}, key ${header.kid === undefined ? 'without kid' : JSON.stringify(header.kid)}: needs the keys of the issuer`,
    ),
  ]
}

/** A JWT without `iss` has no issuer that could verify it, whichever is expected. */
function issuerResult(claims: JsonObject, issuer: string | undefined): CheckResult {
  const missing = requireClaim(claims, 'iss')
  if (issuer === undefined && !missing) return open('issuer', 'pass the issuer to check iss')
  const refusal = missing ?? (claims.iss === issuer ? undefined : invalidToken('issuer'))
  return result('issuer', issuer === undefined ? 'iss is present' : `iss is ${issuer}`, refusal)
}

function parsed(token: string, limits: Limits) {
  if (token.length > limits.token) return tooLarge(token.length, limits.token, 'limits.token')
  return isEncrypted(token) ? invalidToken('encrypted') : parseCompactJwt(token, createHeaderReader(limits))
}

export const open = (check: string, words: string): CheckResult => ({ check, outcome: 'open', words })

function outcome(check: string, passes: boolean, words: string, reason: Reason): CheckResult {
  return passes ? { check, outcome: 'met', words } : { check, outcome: 'refused', words, reason }
}

/** @param found a refusal, or whatever the check found */
export const result = (check: string, words: string, found: unknown): CheckResult =>
  found instanceof Refusal
    ? { check, outcome: 'refused', words, reason: found.reason, ...(found.claim && { claim: found.claim }) }
    : { check, outcome: 'met', words }
