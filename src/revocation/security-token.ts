import { checkAudience, checkTimes, timesOf } from '../claims/registered-claims.ts'
import { Refusal } from '../errors/refusal.ts'
import { createHeaderReader } from '../jwt/header.ts'
import { parseCompactJwt, type UnverifiedJwt } from '../jwt/parse-jwt.ts'
import type { JsonObject } from '../util/encoding.ts'
import type { RevocationHost } from '../verifier/revocation.ts'
import { type Problem, Rejection } from './rejection.ts'

/** Whose signature a token has: checks nothing else. */
export interface Signer {
  readonly clockTolerance: number
  verify(jwt: UnverifiedJwt): Promise<Refusal | undefined>
}

export interface SecurityTokenRules {
  /** Accepted values of `typ`, in lower case; `undefined` for none. */
  readonly types: readonly (string | undefined)[]
  /** Whether `exp` is required. */
  readonly expires: boolean
  audienceOf(issuer: string): readonly string[] | undefined
  /** `undefined` for an issuer that is not trusted; a rejection if it is not known now. */
  signerOf(issuer: string, host: RevocationHost): Promise<Signer | Rejection | undefined>
}

/** A logout token or a security event token that is genuine, and for us. */
export interface SecurityToken {
  readonly issuer: string
  readonly claims: JsonObject
}

/** Verifies a signed token that is no access token (OpenID Connect Back-Channel Logout 1.0 §2.6, RFC 8417 §2). */
export async function verifySecurityToken(
  raw: string,
  hosts: Iterable<RevocationHost>,
  rules: SecurityTokenRules,
): Promise<SecurityToken | Rejection> {
  let rejection: Rejection | undefined
  for (const host of hosts) {
    const verified = await verifyAt(raw, host, rules)
    // Another resource server may trust the issuer, or have its keys.
    const mayDiffer =
      verified instanceof Rejection && (verified.problem === 'issuer' || verified.problem === 'unavailable')
    if (!mayDiffer) return verified
    if (rejection?.problem !== 'unavailable') rejection = verified
  }
  // Once all servers are closed, the token may be good: its sender must not take it for refused, but send it again.
  return rejection ?? new Rejection('unavailable')
}

async function verifyAt(raw: string, host: RevocationHost, rules: SecurityTokenRules) {
  if (raw.length > host.limits.token) return new Rejection('too_large')
  const jwt = parseCompactJwt(raw, createHeaderReader(host.limits))
  if (jwt instanceof Refusal) return rejectionOf(jwt)
  const { claims, header } = jwt
  if (!rules.types.includes(header.type)) return new Rejection('type')
  const issuer = claims.iss
  if (typeof issuer !== 'string') return new Rejection('issuer')
  const signer = await rules.signerOf(issuer, host)
  if (signer instanceof Rejection) return signer
  const audience = rules.audienceOf(issuer)
  if (!signer || !audience) return new Rejection('issuer')
  if (checkAudience(claims, { audience, soleAudience: false })) return new Rejection('audience')
  const late = checkClaimedTimes(claims, signer, rules.expires, host)
  if (late) return late
  const refusal = await signer.verify(jwt)
  return refusal ? rejectionOf(refusal) : { issuer, claims }
}

function checkClaimedTimes(claims: JsonObject, { clockTolerance }: Signer, expires: boolean, host: RevocationHost) {
  const times = timesOf(claims)
  if (times instanceof Refusal || times.issuedAt === undefined) return new Rejection('time')
  if (expires && times.expiry === undefined) return new Rejection('exp')
  return checkTimes(times, host.clock(), { clockTolerance, maxAge: undefined }) && new Rejection('time')
}

function rejectionOf({ status, reason }: Refusal): Rejection {
  if (status === 503) return new Rejection('unavailable')
  return new Rejection(PROBLEM_OF[reason] ?? 'malformed')
}

const PROBLEM_OF: Readonly<Record<string, Problem>> = {
  algorithm: 'algorithm',
  token_too_large: 'too_large',
  unknown_key: 'signature',
  signature: 'signature',
}

/** The signer of the configured issuers; `undefined` for one without keys, too. */
export async function configuredSigner(
  issuer: string,
  { issuers }: RevocationHost,
): Promise<Signer | Rejection | undefined> {
  const found = await issuers.select(issuer)
  if (found instanceof Refusal) return found.reason === 'issuer' ? undefined : rejectionOf(found)
  const { local, clockTolerance } = found
  // Without keys, its tokens are introspected, which logout tokens cannot be. That does not change when they are sent again.
  return local && { clockTolerance, verify: (jwt) => local.verifySignature(jwt) }
}
