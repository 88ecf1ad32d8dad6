import { confirmationOf } from '../access-token/confirmation.ts'
import { NO_GRAPH } from '../access-token/scope-graph.ts'
import { createScopeReader } from '../access-token/scopes.ts'
import { checkAudience, checkStrings, checkTimes, requireClaim, timesOf } from '../claims/validate-claims.ts'
import { BearwardError, InvalidToken } from '../errors/errors.ts'
import type { Reason } from '../errors/reasons.ts'
import { createHeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { checkTokenKind, type Profile } from '../jwt/token-type.ts'
import { checkOptions } from '../options.ts'
import type { NumericDate } from '../util/time.ts'

const readScopes = createScopeReader(NO_GRAPH)

/** What a token is held against; what is left out is not judged. */
export interface TokenExpectations {
  readonly issuer?: string | undefined
  readonly resource?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly profile?: Profile | undefined
  readonly now: NumericDate
}

/** One of the checks of a resource server. */
export interface CheckResult {
  readonly check: string
  /** `open`: it cannot be decided by what is at hand. */
  readonly outcome: 'met' | 'refused' | 'open'
  readonly words: string
  /** Why a server would refuse it. */
  readonly reason?: Reason
}

const ANYBODY = 'https://issuer.invalid'

/**
 * The checks of a resource server, one by one, by the code that a server runs. A server stops at the first that fails;
 * here the others are made as well.
 *
 * Not checked here: the signature, which takes the keys of the issuer; and whether the token was revoked.
 *
 * @throws {ConfigurationError} an issuer or a resource that is none
 */
export function checksOf(token: string, expected: TokenExpectations): readonly CheckResult[] {
  const { issuer = ANYBODY, resource = ANYBODY, profile = 'compat', scopes = [], now } = expected
  const settings = checkOptions({ resource, issuer: { issuer, profile } })
  const { limits } = settings
  const [rules] = 'resolve' in settings.issuers ? [] : settings.issuers
  if (!rules) throw new TypeError('there is one issuer')

  let jwt: UnverifiedJwt | undefined
  const form = run('form', 'three parts of canonical base64url, an algorithm and sizes as accepted (RFC 7515)', () => {
    if (token.length > limits.token) throw new InvalidToken('token_too_large')
    jwt = parseCompactJwt(token, createHeaderReader(limits))
  })
  if (!jwt) return [form]
  const { header, claims } = jwt
  const granted = readScopes(claims, rules.scopeClaims)
  const missing = scopes.filter((scope) => !granted.has(scope))
  return [
    form,
    run('kind', `an access token, by typ and by its members (profile ${profile}; RFC 9068, RFC 8725 §3.11)`, () =>
      checkTokenKind(header.type, claims, profile),
    ),
    expected.issuer === undefined
      ? open('issuer', 'give the issuer to have iss compared')
      : outcome('issuer', claims.iss === issuer, `iss is ${issuer}`, 'issuer'),
    expected.resource === undefined
      ? open('audience', 'give the resource to have aud compared')
      : run('audience', `aud names ${resource}`, () => checkAudience(claims, rules.audience)),
    run('times', 'exp is there, and exp, nbf, iat hold, with 30 s of tolerance (RFC 7519 §4.1.4-6)', () => {
      requireClaim(claims, 'exp')
      checkTimes(timesOf(claims), now, rules)
    }),
    run('claims', 'sub, client_id and jti are texts', () => checkStrings(claims)),
    run(
      'binding',
      Object.hasOwn(claims, 'cnf')
        ? 'a key or a certificate that each request has to prove (RFC 7800)'
        : 'none: whoever has the token can use it',
      () => confirmationOf(claims),
    ),
    expected.scopes === undefined
      ? open('scope', `grants ${granted.list.join(' ') || 'nothing'}; give the scope of a route to have it compared`)
      : outcome('scope', missing.length === 0, `grants ${scopes.join(' ')}`, 'scope'),
    open(
      'signature',
      `${header.algorithm}, key ${header.kid === undefined ? 'without a name' : JSON.stringify(header.kid)}: it takes the keys of the issuer`,
    ),
  ]
}

const open = (check: string, words: string): CheckResult => ({ check, outcome: 'open', words })

function outcome(check: string, met: boolean, words: string, reason: Reason): CheckResult {
  return met ? { check, outcome: 'met', words } : { check, outcome: 'refused', words, reason }
}

function run(check: string, words: string, step: () => unknown): CheckResult {
  try {
    step()
    return { check, outcome: 'met', words }
  } catch (thrown) {
    if (thrown instanceof BearwardError) return { check, outcome: 'refused', words, reason: thrown.reason }
    throw thrown
  }
}
