import {
  absoluteUrl,
  type Checker,
  list,
  member,
  number,
  oneOf,
  optional,
  record,
  secureUrl,
  text,
  wrong,
} from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isToken68 } from '../http/grammar.ts'
import { checkIntrospection, type IntrospectionSettings } from '../introspection/settings.ts'
import type { JwksCacheTimes } from '../jwks/freshness.ts'
import { membersOf } from '../jwks/key-index.ts'
import type { JsonWebKeySet, KeySet } from '../jwks/types.ts'
import { ALGORITHMS, DEFAULT_ALGORITHMS, isJwsAlgorithm, type JwsAlgorithm } from '../jws/algorithms.ts'
import { algorithmOf, SECRET_PROBLEMS } from '../jws/jwk.ts'
import type { JwtRules } from '../jwt/verify-jwt.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'
import { isSecureUrl } from '../util/secure-url.ts'
import type { Seconds } from '../util/time.ts'

/** The checked options of one issuer. */
export interface IssuerSettings extends JwtRules {
  readonly issuer: string
  /** True where the options name the algorithms, so that discovery does not narrow them. */
  readonly algorithmsNamed: boolean
  readonly keys: KeysSetting
  /** How its opaque tokens are decided; `undefined` where it has none. */
  readonly introspection: IntrospectionSettings | undefined
  /** How they begin; `undefined` takes all that belong to nobody else. */
  readonly tokenPrefix: readonly string[] | undefined
  readonly internalUrl: string | undefined
  readonly scopeClaims: readonly string[]
  readonly jwksCache: JwksCacheTimes
  readonly deadline: Seconds
}

export type KeysSetting =
  | { readonly from: 'nowhere' }
  | { readonly from: 'discovery' }
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'static'; readonly set: JsonWebKeySet }
  | { readonly from: 'own'; readonly keySet: KeySet }

/** What a resolver returns for an issuer it was asked about. */
export const RESOLVED_MEMBERS = [
  'audience',
  'profile',
  'algorithms',
  'keys',
  'introspection',
  'introspect',
  'tokenPrefix',
  'internalUrl',
  'scopeClaims',
  'clockTolerance',
  'maxAge',
  'jwksCache',
  'deadline',
]

const KNOWN = ['issuer', ...RESOLVED_MEMBERS]

const MAX = Number.MAX_SAFE_INTEGER

/** Checks and copies the options of one issuer; a string is the issuer with all defaults. */
export function checkIssuer(value: unknown, option: string, resource: string, maxKeys: number): IssuerSettings {
  const from = typeof value === 'string' ? { issuer: value } : record(value, option, KNOWN)
  const at = typeof value === 'string' ? '' : `${option}.`
  if (!Object.hasOwn(from, 'issuer'))
    throw new ConfigurationError(`${option}.issuer`, 'is missing: whose tokens are accepted?')
  const algorithmsNamed = Object.hasOwn(from, 'algorithms')
  const algorithms = optional(from, option, 'algorithms', list(algorithm), DEFAULT_ALGORITHMS)
  const introspection = checkIntrospection(from, option)
  const keysByDefault =
    introspection?.by === 'function' ? ({ from: 'nowhere' } as const) : ({ from: 'discovery' } as const)
  const keys = optional(from, option, 'keys', keysChecker(algorithms, maxKeys), keysByDefault)
  if (keys.from === 'nowhere' && !introspection)
    throw new ConfigurationError(member(option, 'keys'), 'is null, so that introspection or introspect has to decide')
  if (keys.from === 'nowhere' && introspection?.by === 'endpoint' && introspection.signed)
    throw new ConfigurationError(
      `${option}.introspection.signed`,
      'needs keys to verify the answers with; keys is null',
    )
  if (Object.hasOwn(from, 'tokenPrefix') && !introspection)
    throw new ConfigurationError(
      member(option, 'tokenPrefix'),
      'is for opaque tokens: it needs introspection or introspect',
    )
  return Object.freeze({
    issuer: issuerUrl(from.issuer, at === '' ? option : `${at}issuer`),
    audience: optional(from, option, 'audience', audience, Object.freeze([resource])),
    profile: optional(from, option, 'profile', oneOf('compat', 'rfc9068', 'report-only'), 'compat'),
    algorithms,
    algorithmsNamed,
    keys,
    introspection: introspection,
    tokenPrefix: optional(from, option, 'tokenPrefix', tokenPrefix, undefined),
    internalUrl: optional(from, option, 'internalUrl', internalUrl, undefined),
    scopeClaims: optional(from, option, 'scopeClaims', list(text), Object.freeze(['scope', 'scp'])),
    clockTolerance: optional(from, option, 'clockTolerance', number(0, 60, 'seconds'), 30),
    maxAge: optional(from, option, 'maxAge', number(1, MAX, 'seconds'), undefined),
    jwksCache: checkJwksCache(Object.hasOwn(from, 'jwksCache') ? from.jwksCache : {}, `${option}.jwksCache`),
    deadline: optional(from, option, 'deadline', number(0.001, 300, 'seconds'), 3),
  })
}

function checkJwksCache(value: unknown, option: string): JwksCacheTimes {
  const from = record(value, option, ['maxAge', 'staleIfError', 'cooldown', 'backoff', 'maxBackoff'])
  const backoff = optional(from, option, 'backoff', number(0.001, 3600, 'seconds'), 1)
  return Object.freeze({
    maxAge: optional(from, option, 'maxAge', number(1, MAX, 'seconds'), undefined),
    staleIfError: optional(from, option, 'staleIfError', number(0, 86_400, 'seconds'), 3600),
    cooldown: optional(from, option, 'cooldown', number(1, MAX, 'seconds'), 30),
    backoff,
    maxBackoff: optional(from, option, 'maxBackoff', number(backoff, MAX, 'seconds'), Math.max(60, backoff)),
  })
}

/** RFC 8414 §2: an https URL without query or fragment; http is for development on loopback. */
const issuerUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (!isSecureUrl(url))
    throw new ConfigurationError(
      option,
      'must be https (http only on loopback); for another place to reach it, see internalUrl',
    )
  // By its characters, since the parser sees no query in an empty one.
  if (/[?#]/.test(value as string)) throw new ConfigurationError(option, 'must not have a query or a fragment')
  return value as string
}

const internalUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(option, value, 'an http or https URL')
  return value as string
}

const audience: Checker<readonly string[] | null> = (value, option) => {
  if (value === null) return null
  return typeof value === 'string' ? Object.freeze([text(value, option)]) : list(text)(value, option)
}

/** A prefix that no token68 has would quietly match nothing. */
const tokenPrefix: Checker<readonly string[]> = (value, option) => {
  const prefixes = list((one, at) => {
    if (typeof one !== 'string' || !isToken68(one)) throw wrong(at, one, 'the first characters of a token')
    return one
  })(typeof value === 'string' ? [value] : value, option)
  return Object.freeze([...new Set(prefixes)])
}

const algorithm: Checker<JwsAlgorithm> = (value, option) => {
  if (isJwsAlgorithm(value)) return value
  if (typeof value === 'string' && /^HS\d/.test(value)) {
    // RFC 8725 §3.1: with a public key set beside it, a symmetric algorithm lets anybody sign.
    throw new ConfigurationError(
      option,
      `is ${value}, which is symmetric; a key set is public, so only asymmetric algorithms are accepted`,
    )
  }
  throw wrong(option, value, `one of ${[...ALGORITHMS.keys()].join(', ')}`)
}

function keysChecker(algorithms: readonly JwsAlgorithm[], maxKeys: number): Checker<KeysSetting> {
  return (value, option) => {
    if (value === null) return { from: 'nowhere' }
    if (typeof value === 'string') return { from: 'url', url: secureUrl(value, option) }
    if (isObject(value) && typeof value.load === 'function') return { from: 'own', keySet: value as unknown as KeySet }
    if (isObject(value) && Array.isArray(value.keys))
      return { from: 'static', set: staticSet(value, option, algorithms, maxKeys) }
    throw wrong(option, value, 'a URL, a JWK Set such as { keys: [...] }, an object with load(), or null')
  }
}

/**
 * A set in the options is held to more than a fetched one: secret key material in it is a mistake to report, not a
 * member to leave out.
 */
function staticSet(value: object, option: string, algorithms: readonly JwsAlgorithm[], maxKeys: number): JsonWebKeySet {
  const set = copyOf(value, option)
  const problems = membersIn(set, option, maxKeys).map((jwk) => {
    const evaluated = isObject(jwk) ? algorithmOf(jwk, algorithms) : { problem: 'it is not an object' }
    return 'problem' in evaluated ? evaluated.problem : undefined
  })
  for (const [index, problem] of problems.entries()) {
    if (problem && SECRET_PROBLEMS.includes(problem))
      throw new ConfigurationError(`${option}.keys[${index}]`, `cannot be used: ${problem}`)
  }
  if (problems.every((problem) => problem !== undefined)) {
    throw new ConfigurationError(option, `holds no usable key${problems[0] ? `; the first: ${problems[0]}` : ''}`)
  }
  return set
}

function copyOf(value: object, option: string): JsonWebKeySet {
  try {
    return structuredClone(value) as JsonWebKeySet
  } catch {
    throw new ConfigurationError(option, 'holds something that is no JSON; pass the JWK of each key')
  }
}

function membersIn(set: JsonWebKeySet, option: string, maxKeys: number): readonly unknown[] {
  try {
    return membersOf(set, maxKeys)
  } catch (thrown) {
    throw new ConfigurationError(option, thrown instanceof UpstreamError ? thrown.message : 'is not a JWK Set')
  }
}
