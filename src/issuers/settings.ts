import type { ClaimPath } from '../claims/claim-path.ts'
import { MAX_CLOCK_TOLERANCE } from '../claims/registered-claims.ts'
import { type Checked, optional, required, shape } from '../config/shape.ts'
import {
  bool,
  type Checker,
  httpUrl,
  identifier,
  jsonCopy,
  list,
  MAX,
  member,
  noObject,
  number,
  oneOf,
  oneOrList,
  text,
  withMethods,
  wrong,
} from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { EndpointSettings, FunctionSettings, IntrospectionSettings } from '../introspection/settings.ts'
import { membersOf } from '../jwks/key-index.ts'
import type { JsonWebKeySet, KeySet } from '../jwks/types.ts'
import { ALGORITHMS, DEFAULT_ALGORITHMS, isJwsAlgorithm, type JwsAlgorithm } from '../jws/algorithms.ts'
import { algorithmOf, SECRET_PROBLEMS } from '../jws/jwk.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'
import { isSecureUrl, METADATA_PATH } from '../util/secure-url.ts'
import type { Seconds } from '../util/time.ts'
import { issuerName, MUST_BE_HTTPS, requireIssuerUrl } from './issuer-name.ts'
import { requiredMetadata } from './required-metadata.ts'
import type { StatusList } from './status-list.ts'

/** The checked options of one issuer. */
export interface IssuerSettings
  extends Omit<CheckedIssuer, 'issuer' | 'audience' | 'algorithms' | 'keys' | 'introspection' | 'introspect'> {
  readonly issuer: string
  /** `null` accepts tokens for anyone. */
  readonly audience: readonly string[] | null
  readonly algorithms: readonly JwsAlgorithm[]
  /** True where the options name the algorithms: discovery must not restrict them. */
  readonly algorithmsNamed: boolean
  /** Origins that may be reached over plain http, because the options name them. */
  readonly plainHttpOrigins: readonly string[]
  /** Accepted options that probably do not do what was intended. */
  readonly notices: readonly Notice[]
  readonly keys: KeysSetting
  /** How its opaque tokens are introspected; `undefined` where it has none. */
  readonly introspection: IntrospectionSettings | undefined
}

export interface Notice {
  readonly option: string
  readonly problem: string
}

export type KeysSetting =
  | { readonly from: 'nowhere' }
  | { readonly from: 'discovery' }
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'static'; readonly set: JsonWebKeySet }
  | { readonly from: 'own'; readonly keySet: KeySet }

const audience: Checker<readonly string[] | null> = (value, option) =>
  value === null ? null : oneOrList(identifier)(value, option)

const algorithm: Checker<JwsAlgorithm> = (value, option) => {
  if (isJwsAlgorithm(value)) return value
  if (typeof value === 'string' && /^HS\d/.test(value)) {
    // RFC 8725 §3.1: with a public key set beside it, a symmetric algorithm lets anyone sign.
    throw new ConfigurationError(
      option,
      `is ${value}, which is symmetric; a key set is public, so only asymmetric algorithms are accepted`,
    )
  }
  throw wrong(option, value, `one of ${[...ALGORITHMS.keys()].join(', ')}`)
}

const keys: Checker<KeysSetting> = (value, option) => {
  if (value === null) return { from: 'nowhere' }
  if (typeof value === 'string' && /^https?:/i.test(value)) {
    if (METADATA_PATH.test(value))
      throw new ConfigurationError(option, 'must be a key set, not metadata; leave it out to discover the keys')
    return { from: 'url', url: httpUrl(value, option) }
  }
  if (isObject(value) && typeof value.load === 'function') return { from: 'own', keySet: value as unknown as KeySet }
  if (isObject(value) && Array.isArray(value.keys))
    return { from: 'static', set: jsonCopy(value as unknown as JsonWebKeySet, option) }
  // A string that is no URL may be the secret of an HS algorithm.
  throw noObject(option, value, 'an https URL, a JWK Set such as { keys: [...] }, an object with load(), or null')
}

const statusList = withMethods<StatusList>('statusList() of bearward/status-list', 'attach')

const jwksCache = shape({
  maxAge: optional(number(1, MAX, 'seconds')),
  staleIfError: optional(number(0, 86_400, 'seconds'), 3600),
  cooldown: optional(number(1, MAX, 'seconds'), 30),
  backoff: optional(number(0.001, 3600, 'seconds'), 1),
  maxBackoff: ({ backoff }: { readonly backoff: Seconds }) =>
    optional(number(backoff, MAX, 'seconds'), Math.max(60, backoff)),
})

/** The checks of the options of an issuer that belong to introspection. */
export interface IntrospectionChecks {
  readonly introspection: Checker<EndpointSettings>
  readonly introspect: Checker<FunctionSettings>
  readonly tokenPrefix: Checker<readonly string[]>
}

/** The members besides `issuer`; the checks that need more than one of them are in {@link issuerSettings}. */
const membersWith = ({ introspection, introspect, tokenPrefix }: IntrospectionChecks) => ({
  audience: optional(audience),
  soleAudience: optional(bool, false),
  clients: optional(list(identifier)),
  profile: optional(oneOf('compat', 'rfc9068', 'report-only'), 'compat'),
  allowIdTokenClaims: optional(bool, false),
  algorithms: optional(list(algorithm)),
  keys: optional(keys),
  introspection: optional(introspection),
  introspect: optional(introspect),
  tokenPrefix: optional(tokenPrefix),
  internalUrl: optional(httpUrl),
  allowInsecureRequests: optional(bool, false),
  scopeClaims: optional(list(oneOrList(text)), ['scope', 'scp']),
  clockTolerance: optional(number(0, MAX_CLOCK_TOLERANCE, 'seconds'), 30),
  maxAge: optional(number(1, MAX, 'seconds')),
  jwksCache: optional(jwksCache, {}),
  statusList: optional(statusList),
  deadline: optional(number(0.001, 300, 'seconds'), 3),
})

/** What a resolver returns. Presets name the issuer again. */
export const resolvedShape = (checks: IntrospectionChecks) =>
  shape({ ...membersWith(checks), issuer: optional(issuerName) })

/** A string is the issuer with all defaults. */
export const issuerShape = (checks: IntrospectionChecks) =>
  shape({ issuer: required(issuerName, 'the exact iss of its tokens'), ...membersWith(checks) }, 'issuer')

/** The options of one issuer, each checked by itself. An interface, whose name declarations repeat instead of its members. */
export interface CheckedIssuer extends Checked<ReturnType<typeof issuerShape>['members']> {}

/** Completes the checked members of one issuer by what they say together, and by the options of the server. */
export function issuerSettings(from: CheckedIssuer, option: string, resource: string, maxKeys: number): IssuerSettings {
  const { issuer, audience = Object.freeze([resource]), algorithms = DEFAULT_ALGORITHMS, introspect, ...others } = from
  if (from.introspection && introspect)
    throw new ConfigurationError(member(option, 'introspect'), 'excludes introspection; choose one')
  const introspection = from.introspection ?? introspect
  const keys = from.keys ?? { from: introspection?.by === 'function' ? 'nowhere' : 'discovery' }
  if (keys.from === 'static') checkStaticSet(keys.set, member(option, 'keys'), algorithms, maxKeys)
  if (keys.from === 'nowhere' && !introspection)
    throw new ConfigurationError(member(option, 'keys'), 'can be null only with introspection or introspect')
  if (keys.from === 'nowhere' && from.statusList)
    throw new ConfigurationError(member(option, 'statusList'), 'needs keys that verify JWTs; keys is null')
  if (from.soleAudience && audience === null)
    throw new ConfigurationError(member(option, 'soleAudience'), 'needs an audience; audience is null')
  const algorithmsNamed = from.algorithms !== undefined
  const complete = { ...others, issuer: issuer.name, audience, algorithms, algorithmsNamed, keys, introspection }
  if (requiredMetadata(complete).length > 0) requireIssuerUrl(issuer, from.allowInsecureRequests)
  return Object.freeze({
    ...complete,
    plainHttpOrigins: plainHttpOrigins(complete, option),
    notices: noticesOf(from, option),
  })
}

/**
 * The origins among the URLs of the options. The internal URL may always be http: it is in a network of our own.
 *
 * @throws {ConfigurationError} for another http URL, without `allowInsecureRequests`
 */
function plainHttpOrigins(
  {
    issuer,
    internalUrl,
    keys,
    introspection,
    allowInsecureRequests,
  }: Omit<IssuerSettings, 'notices' | 'plainHttpOrigins'>,
  option: string,
): readonly string[] {
  const endpoint = introspection?.by === 'endpoint' ? introspection.endpoint : undefined
  const urls = { keys: keys.from === 'url' ? keys.url : undefined, 'introspection.endpoint': endpoint }
  for (const [name, url] of Object.entries(urls)) {
    if (url !== undefined && !allowInsecureRequests && !isSecureUrl(new URL(url)))
      throw new ConfigurationError(member(option, name), MUST_BE_HTTPS)
  }
  const named = allowInsecureRequests ? [issuer, internalUrl, ...Object.values(urls)] : [internalUrl]
  return named.flatMap((url) => (url !== undefined && URL.canParse(url) ? new URL(url).origin : []))
}

function noticesOf(
  { allowInsecureRequests, scopeClaims }: Pick<IssuerSettings, 'allowInsecureRequests' | 'scopeClaims'>,
  option: string,
): readonly Notice[] {
  const insecure = {
    option: member(option, 'allowInsecureRequests'),
    problem: 'permits plain http: anyone on the network path can read tokens and credentials, and replace keys',
  }
  return [
    ...(allowInsecureRequests ? [insecure] : []),
    ...scopeClaimNotices(scopeClaims, member(option, 'scopeClaims')),
  ]
}

/** Claim names may contain dots: in a URL they are ordinary, elsewhere a path was probably meant. */
function scopeClaimNotices(paths: readonly ClaimPath[], option: string): readonly Notice[] {
  return paths.flatMap(([name = '', ...others], index) => {
    if (others.length > 0 || !name.includes('.') || URL.canParse(name)) return []
    const path = name.split('.').map((part) => `'${part}'`)
    const problem = `is the name of one claim, ${JSON.stringify(name)}; for a member of a claim, use [${path.join(', ')}]`
    return [{ option: `${option}[${index}]`, problem }]
  })
}

/** Stricter than for a fetched set: secret key material in the options is a mistake to report, not a key to ignore. */
function checkStaticSet(
  set: JsonWebKeySet,
  option: string,
  algorithms: readonly JwsAlgorithm[],
  maxKeys: number,
): void {
  const problems = membersIn(set, option, maxKeys).map((jwk) => {
    const evaluated = isObject(jwk) ? algorithmOf(jwk, algorithms) : { problem: 'it is not an object' }
    return 'problem' in evaluated ? evaluated.problem : undefined
  })
  for (const [index, problem] of problems.entries()) {
    if (problem && SECRET_PROBLEMS.includes(problem))
      throw new ConfigurationError(`${option}.keys[${index}]`, `cannot be used: ${problem}`)
  }
  if (problems.every((problem) => problem !== undefined)) {
    throw new ConfigurationError(option, `has no usable key${problems[0] ? `; the first: ${problems[0]}` : ''}`)
  }
}

function membersIn(set: JsonWebKeySet, option: string, maxKeys: number): readonly unknown[] {
  try {
    return membersOf(set, maxKeys)
  } catch (thrown) {
    throw new ConfigurationError(option, thrown instanceof UpstreamError ? thrown.message : 'is not a JWK Set')
  }
}
