import type { JwtClaims } from './access-token/jwt-claims.ts'
import { type ScopeGraphOption, scopeSettings, UNDECLARED } from './access-token/scope-settings.ts'
import type { StandardSchema } from './claims/standard-schema.ts'
import { type CacheSizeOptions, cacheSizeShape } from './config/cache-size.ts'
import { type LimitOptions, limitsShape } from './config/limits.ts'
import { optional, required, shape } from './config/shape.ts'
import {
  absoluteUrl,
  type Checker,
  func,
  MUST_BE_SECURE,
  oneOf,
  oneOrList,
  refuseMetadata,
  shown,
  textThat,
  valueThat,
  withMethods,
  wrong,
} from './config/validate.ts'
import { ConfigurationError } from './errors/errors.ts'
import type { Listener } from './events/emitter.ts'
import type { BearwardEvent } from './events/events.ts'
import type { FeatureChecks } from './features/features.ts'
import { type CredentialOptions, credentialsShape } from './http/credential-sources.ts'
import { isQuotable } from './http/grammar.ts'
import type { IssuerOptions, IssuerResolver } from './issuers/options.ts'
import { issuers, trustedIssuers } from './issuers/registry-settings.ts'
import { type MetadataOptions, metadataSettings, metadataShape } from './resource-metadata/options.ts'
import type { DpopOptions, MtlsOptions } from './sender-constraint/options.ts'
import type { StoreOptions } from './stores/options.ts'
import type { Fetch } from './upstream/fetch.ts'
import { isSecureUrl } from './util/secure-url.ts'
import type { NumericDate } from './util/time.ts'
import type { Revocation } from './verifier/revocation.ts'

/**
 * The options of a resource server. They are copied and checked at construction; a wrong one throws a
 * {@link ConfigurationError} that names it. A member that is present but `undefined` is wrong, too: it is usually an
 * environment variable that is not set.
 *
 * @typeParam Native the framework's request, as `onEvent` gets it
 */
export interface ResourceServerOptions<
  Scope extends string = string,
  Claims = JwtClaims,
  Native extends object = object,
> {
  /**
   * The identifier of this API: an absolute URL without fragment. Tokens must have it in `aud`, and the metadata URL is
   * derived from it (RFC 8707 §2, RFC 9728 §1.2).
   */
  readonly resource: string
  /** The authorization servers whose tokens are accepted: one, several, or an object that finds them. See below. */
  readonly issuer: string | IssuerOptions | IssuerResolver | readonly (string | IssuerOptions)[]
  /**
   * The scopes of this API. Once you declare them, a misspelled scope does not compile, and is an error at construction.
   * An object also states what each scope implies: with `{ admin: ['write'], write: ['read'], read: [] }`, a token with
   * `admin` has all three.
   */
  readonly scopes?: readonly Scope[] | ScopeGraphOption<Scope>
  /** A Standard Schema (Zod, Valibot, ArkType …) for the claims. A token whose claims do not match is refused with 401. */
  readonly claims?: StandardSchema<Claims>
  /** The `realm` of challenges. Default: the `resource`. */
  readonly realm?: string
  /** A request with a token in its query string: reject it with 400, or ignore that token. Default: `'reject'`. */
  readonly queryTokens?: 'reject' | 'ignore'
  /**
   * Tokens in form bodies (RFC 6750 §2.2). On Express and Fastify, parse the form before the guard (Fastify: mount it as
   * `preValidation`), and limit the size of the body. With `off` the body is not read. Default: `'off'`.
   */
  readonly formTokens?: 'off' | 'accept'
  /** Where else a token may be: a header that a proxy sets, a cookie, a WebSocket subprotocol. */
  readonly credentials?: CredentialOptions
  /**
   * Tokens that are bound to a key of the client. With each request, the client proves that it has the key (RFC 9449).
   * `accept` accepts bound tokens and bearer tokens, `require` only bound tokens. Default: `'off'`.
   */
  readonly dpop?: 'off' | 'accept' | 'require' | DpopOptions
  /** Tokens that are bound to the client's TLS certificate (RFC 8705 §3); modes as with `dpop`. Default: `'off'`. */
  readonly mtls?: 'off' | 'accept' | 'require' | MtlsOptions
  /**
   * The origins at which callers reach this server, with any path prefix that a proxy removes. DPoP proofs contain them.
   * The request's `Host` and `Forwarded` are never used. Default: the origin of `resource`.
   */
  readonly publicUrl?: string | readonly string[]
  /** What responds to a rejected request: the adapter, or the framework's own error handler. Default: `'respond'`. */
  readonly errors?: 'respond' | 'forward'
  /** The format of response bodies: RFC 6750's names, or problem details (RFC 9457). Default: `'oauth'`. */
  readonly body?: 'oauth' | 'problem'
  /** `minimal` omits descriptions and reasons from responses. Default: `'full'`. */
  readonly detail?: 'full' | 'minimal'
  /** The wall clock for `exp`, `nbf` and `iat`, in seconds since the epoch. Default: the system's. */
  readonly clock?: () => NumericDate
  /**
   * Sends requests to authorization servers: for proxies, your own certificate authorities, and tests. Default: the
   * global `fetch`.
   */
  readonly fetch?: typeof globalThis.fetch
  /** What several processes share. */
  readonly stores?: StoreOptions
  /** Refuses tokens that have been revoked before they expire: `revocation()` of `bearward/revocation`. */
  readonly revocation?: Revocation
  /**
   * Called with each event. If the event is about a request (`decision`, `report`), it also gets the framework's request,
   * which is the `Context` on Hono and Koa. Events contain no secret, but the request contains the access token: never log
   * the whole request. Exceptions and rejected promises are ignored.
   */
  readonly onEvent?: (event: BearwardEvent, request: Native | undefined) => void
  /**
   * Called with work that continues after the response. Only Workers need it: pass `waitUntil` of `cloudflare:workers`, so
   * that key sets refresh in the background.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** Additions to the protected resource metadata (RFC 9728), which is otherwise derived from the other options. */
  readonly metadata?: MetadataOptions
  /** The largest inputs that are read. */
  readonly limits?: LimitOptions
  /** How many entries each cache holds, in this process. */
  readonly cacheSize?: CacheSizeOptions
}

/**
 * A clock that returns NaN would disable the checks of time: every comparison with it is false. With one that returns
 * milliseconds, such as `Date.now`, every token would seem to have expired, and the caller would be blamed.
 */
const clock: Checker<() => NumericDate> = (value, option) => {
  const read = func(value, option) as () => NumericDate
  return () => {
    const now = read()
    if (!Number.isFinite(now) || now > 1e11) throw new TypeError('bearward: clock() must return a number of seconds')
    return now
  }
}

/** RFC 9728 §1.2: an https URL without fragment. The characters are those that a challenge can contain. */
const resourceUrl: Checker<string> = (value, option) => {
  if (typeof value === 'string' && !URL.canParse(value))
    throw new ConfigurationError(option, `must be an absolute URL; ${OTHER_AUDIENCE}; got ${shown(value)}`)
  const url = absoluteUrl(value, option)
  refuseMetadata(value as string, option)
  if (!isSecureUrl(url)) throw new ConfigurationError(option, `${MUST_BE_SECURE}; ${OTHER_AUDIENCE}`)
  if (url.hash || (value as string).includes('#')) throw new ConfigurationError(option, 'must not have a fragment')
  if (!isQuotable(value as string)) throw wrong(option, value, 'a URL in printable ASCII')
  return value as string
}

const OTHER_AUDIENCE = 'for tokens with another aud, set issuer: { issuer: …, audience: … }'

/** RFC 9110 §11.5, without characters that a quoted-string would escape. */
const realm = textThat((value) => value !== '' && isQuotable(value), 'printable ASCII without quote or backslash')

const schema = valueThat((value): value is StandardSchema<unknown> => {
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard']
  return typeof standard?.validate === 'function'
}, 'a Standard Schema, such as one of Zod or Valibot')

const revocation = withMethods<Revocation>('what revocation() of bearward/revocation returns', 'attach')

/** All options of a server. The members of each object are in the shape of that object. */
export const serverShape = (features: FeatureChecks) =>
  shape({
    resource: required(resourceUrl, 'the URL that identifies this API, and the audience of its tokens'),
    issuer: required(issuers(features), 'the URL of the authorization server whose tokens are accepted'),
    scopes: optional(scopeSettings),
    claims: optional(schema),
    realm: optional(realm),
    queryTokens: optional(oneOf('reject', 'ignore'), 'reject'),
    formTokens: optional(oneOf('off', 'accept'), 'off'),
    credentials: optional(credentialsShape),
    dpop: optional(features.dpop, 'off'),
    mtls: optional(features.mtls, 'off'),
    publicUrl: optional(oneOrList(features.publicUrl)),
    errors: optional(oneOf('respond', 'forward'), 'respond'),
    body: optional(oneOf('oauth', 'problem'), 'oauth'),
    detail: optional(oneOf('full', 'minimal'), 'full'),
    clock: optional(clock, () => Date.now() / 1000),
    // Looked up at each call, so that instrumentation that replaces the global one is used.
    fetch: optional(func as Checker<Fetch>, (url: string, init: RequestInit) => globalThis.fetch(url, init)),
    onEvent: optional(func as Checker<Listener>),
    waitUntil: optional(func as Checker<(work: Promise<unknown>) => void>),
    stores: optional(features.stores, {}),
    revocation: optional(revocation),
    metadata: optional(metadataShape(features.signedMetadata), {}),
    limits: optional(limitsShape, {}),
    cacheSize: optional(cacheSizeShape, {}),
  })

/** The checked options: every default filled in, nothing shared with the object that was passed. */
export type ServerSettings = ReturnType<typeof checkOptions>

/** @throws {ConfigurationError} with the name of the first option that is wrong */
export function checkOptions(options: unknown, features: FeatureChecks) {
  const check = serverShape(features)
  const {
    issuer,
    scopes,
    publicUrl: publicUrls,
    metadata,
    ...settings
  } = check(options, 'options', features.hints(check.members))
  const { resource, realm = resource, limits, stores } = settings
  const trusted = trustedIssuers(issuer, { resource, maxKeys: limits.keys, stores }, features)
  return Object.freeze({
    ...settings,
    ...(scopes ?? UNDECLARED),
    realm,
    issuers: trusted,
    publicUrls: publicUrls ?? Object.freeze([new URL(resource).origin]),
    metadata: metadataSettings(metadata),
  })
}
