import { errorOf } from '../errors/error-of-refusal.ts'
import { Refusal } from '../errors/refusal.ts'
import type { JwsAlgorithm } from '../jws/algorithms.ts'
import { createHeaderReader, type HeaderLimits } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import { type SigningKeys, verifyingKey } from '../jwt/select-key.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import { type IntrospectionResult, readResponse } from './response.ts'

export interface SignedResponseRules {
  readonly issuer: string
  /** The accepted audiences of a response: our client and the resource. */
  readonly recipients: readonly string[]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly clockTolerance: Seconds
  readonly limits: HeaderLimits
}

// A response is signed for the current request; an older one is a replay.
const MAX_AGE: Seconds = 60

/**
 * Reads responses signed by the issuer (RFC 9701 §5).
 *
 * Not checked here: that the response is about this token, since it does not identify the token.
 */
export function createSignedResponseReader(
  rules: SignedResponseRules,
  keys: SigningKeys,
  clock: () => NumericDate,
): (text: string) => Promise<IntrospectionResult> {
  const readHeader = createHeaderReader(rules.limits)
  return async (text) => {
    const jwt = parseCompactJwt(text.trim(), readHeader)
    if (jwt instanceof Refusal) throw wrong('it is not a signed JWT')
    checkHeader(jwt, rules)
    checkClaims(jwt.claims, rules, clock())
    const key = await keyOf(jwt, keys)
    if (!key) throw wrong('its signature is invalid')
    return readResponse(jwt.claims.token_introspection)
  }
}

/** RFC 9701 §8.1, RFC 8725 §3.11: the type prevents confusion with other kinds of JWT. */
function checkHeader({ header }: UnverifiedJwt, rules: SignedResponseRules): void {
  if (header.type !== 'token-introspection+jwt') throw wrong('its typ is not token-introspection+jwt')
  if (!rules.algorithms.includes(header.algorithm)) throw wrong('its algorithm is not accepted')
}

function checkClaims({ iss, aud, iat, exp }: JsonObject, rules: SignedResponseRules, now: NumericDate): void {
  if (iss !== rules.issuer) throw wrong('it is from another issuer')
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!rules.recipients.some((name) => audience.includes(name))) throw wrong('it is meant for another recipient')
  if (typeof iat !== 'number' || !(Math.abs(now - iat) <= MAX_AGE + rules.clockTolerance))
    throw wrong('its iat is too old or in the future')
  if (exp !== undefined && !(typeof exp === 'number' && now < exp + rules.clockTolerance)) throw wrong('it has expired')
}

async function keyOf(jwt: UnverifiedJwt, keys: SigningKeys) {
  const key = await verifyingKey(jwt, keys)
  if (!(key instanceof Refusal)) return key
  const cause = errorOf(key)
  throw new UpstreamError('network', 'the signed introspection response cannot be verified: there is no key for it', {
    cause,
  })
}

const wrong = (problem: string): UpstreamError =>
  new UpstreamError('shape', `the signed introspection response is unusable: ${problem}`)
