import { ConfigurationError } from '../errors.ts'
import type { BearwardEvent } from '../events.ts'
import type { Fetch } from '../http/bounded-fetch.ts'
import { isQuotable } from '../http/grammar.ts'
import { isSecureUrl } from '../http/transport.ts'
import type { NumericDate } from '../platform/time.ts'
import type { ReplayStore } from '../stores/replay-store.ts'
import type { VerdictCache } from '../stores/verdict-cache.ts'
import type { ScopeGraph } from '../token/scope-graph.ts'
import type { StandardSchema } from '../token/standard-schema.ts'
import { checkDpop, checkMtls, type DpopSettings, type MtlsSettings, publicUrls } from './binding-options.ts'
import { absoluteUrl, type Checker, func, list, oneOf, optional, record, text, whole, wrong } from './check.ts'
import { checkIssuer, type IssuerSettings, RESOLVED_MEMBERS } from './issuer-options.ts'
import { checkMetadata, type MetadataSettings } from './metadata-options.ts'
import { scopeSettings, UNDECLARED } from './scope-options.ts'
import type { IssuerResolver } from './types.ts'

/** The checked options: every default filled in, nothing shared with the object that was passed. */
export interface ServerSettings {
  readonly resource: string
  readonly issuers: readonly IssuerSettings[] | ResolverSettings
  readonly scopes: readonly string[] | undefined
  readonly graph: ScopeGraph
  readonly claims: StandardSchema<unknown> | undefined
  readonly realm: string
  readonly queryTokens: 'reject' | 'ignore'
  readonly formTokens: 'off' | 'accept'
  readonly errors: 'answer' | 'forward'
  readonly body: 'oauth' | 'problem'
  readonly detail: 'full' | 'minimal'
  readonly clock: () => NumericDate
  readonly fetch: Fetch
  readonly onEvent: ((event: BearwardEvent) => void) | undefined
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly publicUrls: readonly string[]
  readonly dpop: DpopSettings
  readonly mtls: MtlsSettings
  readonly verdictStore: VerdictCache | undefined
  readonly replayStore: ReplayStore | undefined
  readonly metadata: MetadataSettings
  readonly limits: Limits
}

export interface Limits {
  readonly token: number
  readonly header: number
  readonly form: number
  readonly keyId: number
  readonly verified: number
  readonly active: number
  readonly inactive: number
  readonly introspection: number
  readonly keySet: number
  readonly keys: number
  readonly proof: number
  readonly replay: number
}

export interface ResolverSettings {
  readonly allow: { has(issuer: string): boolean | Promise<boolean> }
  readonly listed: readonly string[] | undefined
  readonly alive: number
  readonly resolve: (issuer: string) => Promise<IssuerSettings>
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
    errors: optional(from, 'options', 'errors', oneOf('answer', 'forward'), 'answer'),
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

function checkIssuers(value: unknown, resource: string, maxKeys: number): readonly IssuerSettings[] | ResolverSettings {
  if (typeof value === 'object' && value !== null && 'resolve' in value) return checkResolver(value, resource, maxKeys)
  if (!Array.isArray(value)) return [checkIssuer(value, 'issuer', resource, maxKeys)]
  const issuers = list((element, option) => checkIssuer(element, option, resource, maxKeys))(value, 'issuer')
  const names = issuers.map(({ issuer }) => issuer)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ConfigurationError('issuer', `names ${twice} twice`)
  const prefixes = issuers.flatMap(({ tokenPrefix }) => tokenPrefix ?? [])
  const shared = prefixes.find((prefix, index) => prefixes.indexOf(prefix) !== index)
  if (shared !== undefined) throw new ConfigurationError('issuer', `gives the tokenPrefix ${shared} to two issuers`)
  const [, second] = issuers.filter(({ asking, tokenPrefix }) => asking && !tokenPrefix)
  if (second) {
    throw new ConfigurationError(
      `issuer[${issuers.indexOf(second)}].tokenPrefix`,
      'is missing: of several issuers that are asked about opaque tokens only one may be without it, ' +
        'since nothing else tells whose a token is, and none may be shown the tokens of another',
    )
  }
  return issuers
}

function checkResolver(value: object, resource: string, maxKeys: number): ResolverSettings {
  const from = record(value, 'issuer', ['allow', 'resolve', 'alive'])
  const resolve = func(from.resolve, 'issuer.resolve') as IssuerResolver['resolve']
  const listed = Array.isArray(from.allow) ? list(text)(from.allow, 'issuer.allow') : undefined
  const allow = listed ? new Set(listed) : (from.allow as ResolverSettings['allow'] | undefined)
  if (typeof allow?.has !== 'function')
    throw wrong('issuer.allow', from.allow, 'an array of issuers, or an object with has()')
  return Object.freeze({
    allow,
    listed,
    // With fewer places than issuers, tokens of some would push out the keys of others.
    alive: optional(
      from,
      'issuer',
      'alive',
      whole(listed?.length ?? 1, 1_000_000, 'issuers'),
      Math.max(1000, listed?.length ?? 0),
    ),
    async resolve(issuer: string) {
      const options = record(await resolve(issuer), 'issuer.resolve()', RESOLVED_MEMBERS)
      return checkIssuer({ ...options, issuer }, 'issuer.resolve()', resource, maxKeys)
    },
  })
}

function checkStores(value: unknown): Pick<ServerSettings, 'verdictStore' | 'replayStore'> {
  const from = record(value, 'stores', ['verdicts', 'replay'])
  return {
    verdictStore: optional(from, 'stores', 'verdicts', verdictCache, undefined),
    replayStore: optional(from, 'stores', 'replay', replayStore, undefined),
  }
}

const replayStore: Checker<ReplayStore> = (value, option) => {
  if (typeof (value as ReplayStore | null | undefined)?.firstUse !== 'function')
    throw wrong(option, value, 'a store with firstUse(), such as redisStores(client).replay')
  return value as ReplayStore
}

const verdictCache: Checker<VerdictCache> = (value, option) => {
  const cache = value as VerdictCache | null | undefined
  if (typeof cache?.get !== 'function' || typeof cache.set !== 'function')
    throw wrong(option, value, 'a cache with get() and set(), such as redisStores(client).verdicts')
  for (const name of ['delete', 'claim', 'release'] as const) {
    if (name in cache && cache[name] !== undefined) func(cache[name], `${option}.${name}`)
  }
  if (!cache.claim !== !cache.release)
    throw new ConfigurationError(option, 'must have both claim() and release(), or neither')
  return cache
}

const LIMITS: readonly (keyof Limits)[] = [
  'token',
  'header',
  'form',
  'keyId',
  'verified',
  'active',
  'inactive',
  'introspection',
  'keySet',
  'keys',
  'proof',
  'replay',
]

function checkLimits(value: unknown): Limits {
  const from = record(value, 'limits', LIMITS)
  const limit = (name: keyof Limits, most: number, unit: string, fallback: number) =>
    optional(from, 'limits', name, whole(1, most, unit), fallback)
  return Object.freeze({
    token: limit('token', 65_536, 'bytes', 8192),
    header: limit('header', 65_536, 'bytes', 2048),
    form: limit('form', 16_777_216, 'characters', 65_536),
    keyId: limit('keyId', 4096, 'characters', 256),
    verified: optional(from, 'limits', 'verified', whole(0, 1_000_000, 'tokens'), 10_000),
    active: optional(from, 'limits', 'active', whole(0, 1_000_000, 'tokens'), 10_000),
    inactive: optional(from, 'limits', 'inactive', whole(0, 1_000_000, 'tokens'), 10_000),
    introspection: limit('introspection', 16_777_216, 'bytes', 65_536),
    keySet: limit('keySet', 16_777_216, 'bytes', 524_288),
    keys: limit('keys', 10_000, 'keys', 100),
    proof: limit('proof', 65_536, 'bytes', 8192),
    replay: limit('replay', 10_000_000, 'proofs', 100_000),
  })
}

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
