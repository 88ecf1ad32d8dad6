import type { JwtClaims } from './access-token/jwt-claims.ts'
import type { ScopeGraph } from './access-token/scope-graph.ts'
import { type ScopeGraphOption, scopeSettings, UNDECLARED } from './access-token/scope-settings.ts'
import type { StandardSchema } from './claims/standard-schema.ts'
import { type CacheSize, type CacheSizeOptions, checkCacheSize } from './config/cache-size.ts'
import { checkLimits, type LimitOptions, type Limits } from './config/limits.ts'
import { absoluteUrl, type Checker, func, oneOf, optional, record, wrong } from './config/validate.ts'
import { ConfigurationError } from './errors/errors.ts'
import type { BearwardEvent } from './events/events.ts'
import { isQuotable } from './http/grammar.ts'
import type { IssuerOptions, IssuerResolver } from './issuers/options.ts'
import { checkIssuers, type TrustedIssuers } from './issuers/registry-settings.ts'
import { checkMetadata, type MetadataOptions, type MetadataSettings } from './resource-metadata/options.ts'
import type { DpopOptions, MtlsOptions } from './sender-constraint/options.ts'
import { checkDpop, checkMtls, type DpopSettings, type MtlsSettings, publicUrls } from './sender-constraint/settings.ts'
import { checkStores, type StoreOptions, type StoreSettings } from './stores/options.ts'
import type { Fetch } from './upstream/fetch.ts'
import { isSecureUrl } from './util/secure-url.ts'
import type { NumericDate } from './util/time.ts'

/**
 * The options of a resource server. They are copied and checked when it is made; a wrong one throws a
 * {@link ConfigurationError} that names it. A member that is present but `undefined` is wrong, too: it is usually an
 * environment variable that is not set.
 */
export interface ResourceServerOptions<Scope extends string = string, Claims = JwtClaims> {
  /**
   * Our own identifier, an absolute URL without fragment: the audience tokens must name, and the base of the metadata
   * URL (RFC 8707 §2, RFC 9728 §1.2).
   */
  readonly resource: string
  /** Whom we trust: one authorization server, several, or a function that knows them. */
  readonly issuer: string | IssuerOptions | IssuerResolver | readonly (string | IssuerOptions)[]
  /**
   * The scopes this API knows. Declared once, a misspelt scope is a compile error, and an error at construction. An
   * object tells as well what each scope implies, such as `{ admin: ['write'], write: ['read'], read: [] }`: a token with
   * `admin` then has all three.
   */
  readonly scopes?: readonly Scope[] | ScopeGraphOption<Scope>
  /** A Standard Schema (Zod, Valibot, ArkType …) for the claims. A token whose claims fail it is refused with 401. */
  readonly claims?: StandardSchema<Claims>
  /** The `realm` of challenges. Default: `resource`. */
  readonly realm?: string
  /** A request with a token in its query string: refuse it with 400, or act as if it were not there. Default: `reject`. */
  readonly queryTokens?: 'reject' | 'ignore'
  /** Tokens in form bodies (RFC 6750 §2.2). Default: `off`, and the body is not touched. */
  readonly formTokens?: 'off' | 'accept'
  /**
   * Tokens that are bound to a key of the client, who proves with each request that it has the key (RFC 9449). With
   * `accept` such tokens and bearer tokens are taken side by side, with `require` bound ones only. Default: `off`.
   */
  readonly dpop?: 'off' | 'accept' | 'require' | DpopOptions
  /**
   * Tokens that are bound to the certificate with which the client authenticates itself in TLS (RFC 8705 §3); modes as
   * with `dpop`. Default: `off`.
   */
  readonly mtls?: 'off' | 'accept' | 'require' | MtlsOptions
  /**
   * Where callers see this server: the origin that DPoP proofs name, with the path that a proxy takes away before a
   * request arrives; several where it has several names. A request's own `Host` or `Forwarded` is never believed.
   * Default: the origin of `resource`.
   */
  readonly publicUrl?: string | readonly string[]
  /** Who answers a refused request: the adapter, or the framework's own error path. Default: `answer`. */
  readonly errors?: 'respond' | 'forward'
  /** The shape of answers: RFC 6750's names, or problem details (RFC 9457). Default: `oauth`. */
  readonly body?: 'oauth' | 'problem'
  /** `minimal` leaves descriptions and reasons out of answers. Default: `full`. */
  readonly detail?: 'full' | 'minimal'
  /** The wall clock for `exp`, `nbf` and `iat`, in seconds since the epoch. Default: the system's. */
  readonly clock?: () => NumericDate
  /** How authorization servers are reached: for proxies, own certificate authorities and tests. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** What several processes share. */
  readonly stores?: StoreOptions
  /** Called with each decision, fetch and key change. What it throws is ignored. */
  readonly onEvent?: (event: BearwardEvent) => void
  /**
   * Called with work that goes on after the answer: on Workers, pass `waitUntil` of `cloudflare:workers`, so that key
   * sets are refreshed in the background there as well. Not needed elsewhere.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** What the protected resource metadata says beside what the other options tell (RFC 9728). */
  readonly metadata?: MetadataOptions
  readonly limits?: LimitOptions
  readonly cacheSize?: CacheSizeOptions
}

/** The checked options: every default filled in, nothing shared with the object that was passed. */
export interface ServerSettings extends StoreSettings {
  readonly resource: string
  readonly issuers: TrustedIssuers
  readonly scopes: readonly string[] | undefined
  readonly graph: ScopeGraph
  readonly claims: StandardSchema<unknown> | undefined
  readonly realm: string
  readonly queryTokens: 'reject' | 'ignore'
  readonly formTokens: 'off' | 'accept'
  readonly errors: 'respond' | 'forward'
  readonly body: 'oauth' | 'problem'
  readonly detail: 'full' | 'minimal'
  readonly clock: () => NumericDate
  readonly fetch: Fetch
  readonly onEvent: ((event: BearwardEvent) => void) | undefined
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly publicUrls: readonly string[]
  readonly dpop: DpopSettings
  readonly mtls: MtlsSettings
  readonly metadata: MetadataSettings
  readonly limits: Limits
  readonly cacheSize: CacheSize
}

const KNOWN = [
  'resource',
  'issuer',
  'scopes',
  'claims',
  'realm',
  'queryTokens',
  'formTokens',
  'dpop',
  'mtls',
  'publicUrl',
  'errors',
  'body',
  'detail',
  'clock',
  'fetch',
  'onEvent',
  'waitUntil',
  'stores',
  'metadata',
  'limits',
  'cacheSize',
]

/** @throws {ConfigurationError} with the name of the first option that is wrong */
export function checkOptions(options: unknown): ServerSettings {
  const from = record(options, 'options', KNOWN)
  if (!Object.hasOwn(from, 'resource'))
    throw new ConfigurationError('resource', 'is missing: the URL that names this API, and the audience of its tokens')
  if (!Object.hasOwn(from, 'issuer'))
    throw new ConfigurationError('issuer', 'is missing: the URL of the authorization server whose tokens are accepted')
  const resource = resourceUrl(from.resource, 'resource')
  const limits = checkLimits(Object.hasOwn(from, 'limits') ? from.limits : {})
  return Object.freeze({
    resource,
    issuers: checkIssuers(from.issuer, resource, limits.keys),
    ...optional(from, 'options', 'scopes', scopeSettings, UNDECLARED),
    claims: optional(from, 'options', 'claims', schema, undefined),
    realm: optional(from, 'options', 'realm', realm, resource),
    queryTokens: optional(from, 'options', 'queryTokens', oneOf('reject', 'ignore'), 'reject'),
    formTokens: optional(from, 'options', 'formTokens', oneOf('off', 'accept'), 'off'),
    dpop: checkDpop(Object.hasOwn(from, 'dpop') ? from.dpop : 'off', 'dpop'),
    mtls: checkMtls(Object.hasOwn(from, 'mtls') ? from.mtls : 'off', 'mtls'),
    publicUrls: optional(from, 'options', 'publicUrl', publicUrls, Object.freeze([new URL(resource).origin])),
    errors: optional(from, 'options', 'errors', oneOf('respond', 'forward'), 'respond'),
    body: optional(from, 'options', 'body', oneOf('oauth', 'problem'), 'oauth'),
    detail: optional(from, 'options', 'detail', oneOf('full', 'minimal'), 'full'),
    clock: checkedClock(optional(from, 'options', 'clock', func, systemClock) as () => NumericDate),
    // Looked up at each call, so that instrumentation that replaces the global one is seen.
    fetch: optional(from, 'options', 'fetch', func, (url: string, init: RequestInit) =>
      globalThis.fetch(url, init),
    ) as Fetch,
    onEvent: optional(from, 'options', 'onEvent', func, undefined) as ServerSettings['onEvent'],
    waitUntil: optional(from, 'options', 'waitUntil', func, undefined) as ServerSettings['waitUntil'],
    ...checkStores(Object.hasOwn(from, 'stores') ? from.stores : {}),
    metadata: checkMetadata(Object.hasOwn(from, 'metadata') ? from.metadata : {}, 'metadata'),
    limits,
    cacheSize: checkCacheSize(Object.hasOwn(from, 'cacheSize') ? from.cacheSize : {}),
  })
}

/** A clock that answers anything but a number would switch the checks of time off, one comparison at a time. */
function checkedClock(clock: () => NumericDate): () => NumericDate {
  return () => {
    const now = clock()
    if (!Number.isFinite(now)) throw new TypeError('bearward: clock() must return a finite number of seconds')
    return now
  }
}

const systemClock = (): NumericDate => Date.now() / 1000

/** RFC 9728 §1.2: an https URL without fragment. The characters are those a challenge can carry. */
const resourceUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (!isSecureUrl(url))
    throw new ConfigurationError(
      option,
      'must be https (http only on loopback); for tokens with another audience, set issuer.audience',
    )
  if (url.hash || (value as string).includes('#')) throw new ConfigurationError(option, 'must not have a fragment')
  if (!isQuotable(value as string)) throw wrong(option, value, 'a URL in printable ASCII')
  return value as string
}

/** RFC 9110 §11.5; kept to what a quoted-string carries without escapes. */
const realm: Checker<string> = (value, option) => {
  if (typeof value !== 'string' || value === '' || !isQuotable(value)) {
    throw wrong(option, value, 'printable ASCII without quote or backslash')
  }
  return value
}

const schema: Checker<StandardSchema<unknown>> = (value, option) => {
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard']
  if (typeof standard?.validate !== 'function')
    throw wrong(option, value, 'a Standard Schema, such as one made with Zod or Valibot')
  return value as StandardSchema<unknown>
}
