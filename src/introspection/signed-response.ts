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
  /** The names under which an answer may be meant for us: our client, and the resource. */
  readonly recipients: readonly string[]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly clockTolerance: Seconds
  readonly limits: HeaderLimits
}

// It was made for the question just asked; an older one has been kept by somebody.
const MAX_AGE: Seconds = 60

/**
 * Reads answers that the issuer has signed (RFC 9701 §5).
 *
 * Not checked here: that the answer is about this token, which nothing in it says.
 */
export function createSignedResponseReader(
  rules: SignedResponseRules,
  keys: SigningKeys,
  clock: () => NumericDate,
): (text: string) => Promise<IntrospectionResult> {
  const readHeader = createHeaderReader(rules.limits)
  return async (text) => {
    const jwt = parsed(() => parseCompactJwt(text.trim(), readHeader))
    checkHeader(jwt, rules)
    checkClaims(jwt.claims, rules, clock())
    const key = await keyOf(jwt, keys)
    if (!key) throw wrong('its signature does not verify')
    return readResponse(jwt.claims.token_introspection)
  }
}

function parsed(parse: () => UnverifiedJwt): UnverifiedJwt {
  try {
    return parse()
  } catch {
    throw wrong('it is not a signed JWT')
  }
}

/** RFC 9701 §8.1, RFC 8725 §3.11: by its type it cannot be taken for anything else, nor anything else for it. */
function checkHeader({ header }: UnverifiedJwt, rules: SignedResponseRules): void {
  if (header.type !== 'token-introspection+jwt') throw wrong('its typ is not token-introspection+jwt')
  if (!rules.algorithms.includes(header.algorithm)) throw wrong('its algorithm is not accepted')
}

function checkClaims({ iss, aud, iat, exp }: JsonObject, rules: SignedResponseRules, now: NumericDate): void {
  if (iss !== rules.issuer) throw wrong('it is of another issuer')
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!rules.recipients.some((name) => audience.includes(name))) throw wrong('it is meant for somebody else')
  if (typeof iat !== 'number' || !(Math.abs(now - iat) <= MAX_AGE + rules.clockTolerance)) throw wrong('it is not new')
  if (exp !== undefined && !(typeof exp === 'number' && now < exp + rules.clockTolerance)) throw wrong('it has expired')
}

async function keyOf(jwt: UnverifiedJwt, keys: SigningKeys) {
  try {
    return await verifyingKey(jwt, keys)
  } catch (cause) {
    throw new UpstreamError('network', 'the signed answer cannot be verified: there is no key for it', { cause })
  }
}

const wrong = (problem: string): UpstreamError =>
  new UpstreamError('shape', `the signed answer about a token is unusable: ${problem}`)
