import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, Refusal } from '../errors/refusal.ts'
import { createSigner } from '../features/signer.ts'
import { createSharedState } from '../issuers/shared-state.ts'
import type { AttachedStatusList, StatusList, StatusListHost } from '../issuers/status-list.ts'
import { lifetimeOf } from '../jwks/freshness.ts'
import { createHeaderReader } from '../jwt/header.ts'
import { createUpstream } from '../upstream/client.ts'
import type { Exchange } from '../upstream/fetch.ts'
import { isObject } from '../util/encoding.ts'
import { isSecureUrl } from '../util/secure-url.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import { createListCache, type ListCache } from './list-cache.ts'
import { type StatusListOptions, statusListShape } from './options.ts'
import { pauseOf } from './pauses.ts'
import { type List, type ListRules, readStatusListToken, statusAt } from './status-list-token.ts'

/** Which entry of which list has the status of a token. */
interface Reference {
  readonly uri: string
  readonly index: number
}

// A list that cannot be compressed is encoded in base64url twice.
const MAX_RESPONSE_BYTES = 4_194_304
const MAX_LISTS = 1000
const MAX_BYTES_OF_ALL_LISTS = 67_108_864
const BYTES_PER_LIST = 1024
const MAX_URI_LENGTH = 2048
const MAX_LIFETIME: Seconds = 86_400

const INVALID = invalidToken('status')

/**
 * Status lists for the option `statusList` of an issuer: a JWT with the claim `status` is valid only if the list says so.
 * Lists are fetched when they are first needed, and cached in memory.
 *
 * Not checked: tokens without the claim `status`, and opaque tokens, whose introspection says whether they are active.
 *
 * @throws {ConfigurationError}
 * @see draft-ietf-oauth-status-list-21
 */
export function statusList(options: StatusListOptions = {}): StatusList {
  return Object.freeze<Configured>({ settings: statusListShape(options, 'statusList'), attach })
}

/**
 * Plain data and one function, so that two with the same options are equal: with a new one from each call of `resolve`, an
 * issuer would lose all that is cached of it.
 */
interface Configured extends StatusList {
  readonly settings: ReturnType<typeof statusListShape>
}

function attach(this: Configured, host: StatusListHost): AttachedStatusList {
  const { origins = [], keys, maxAge } = this.settings
  const allowed = new Set([...originOf(host), ...origins])
  if (allowed.size === 0)
    throw new ConfigurationError('statusList.origins', 'is missing: the issuer has no https origin')
  const verifySignature = keys === undefined ? host.verifySignature : verifierWith(keys, host)
  const rules: ListRules = { ...host, readHeader: createHeaderReader(host.limits), verifySignature }
  return attached(host, allowed, rules, maxAge)
}

/** Plain http is for loopback, and for what the options permit. */
function originOf({ issuer, plainHttpOrigins }: StatusListHost): readonly string[] {
  if (!URL.canParse(issuer)) return []
  const url = new URL(issuer)
  return isSecureUrl(url) || plainHttpOrigins.includes(url.origin) ? [url.origin] : []
}

function verifierWith(keys: NonNullable<StatusListOptions['keys']>, host: StatusListHost) {
  const shared = { ...createSharedState(1, false), closing: host.closing }
  const signer = createSigner({ issuer: host.issuer, keys }, 'statusList', host, shared)
  return (jwt: Parameters<ListRules['verifySignature']>[0]) => signer.verifySignature(jwt)
}

function attached(
  host: StatusListHost,
  allowed: ReadonlySet<string>,
  rules: ListRules,
  maxAge: Seconds | undefined,
): AttachedStatusList {
  const deadline = host.deadline * 1000
  const upstream = createUpstream({ ...host, maxBytes: MAX_RESPONSE_BYTES, deadline }, host.watch)
  const lists = new LRUCache<string, ListCache>({ max: MAX_LISTS, maxSize: MAX_BYTES_OF_ALL_LISTS })

  function create(uri: string): ListCache {
    const cache = createListCache({
      async load(inUse) {
        const { list, headers } = await upstream('status', statusListAt(uri, rules, inUse))
        if (lists.peek(uri) === cache) {
          lists.delete(uri) // setting the same value again would leave its size as it was
          lists.set(uri, cache, { size: BYTES_PER_LIST + list.bytes.length })
        }
        return { list, lifetime: lifetimeOfList(list, headers, maxAge, host.clock()) }
      },
      pause: pauseOf(host, uri),
      times: host.jwksCache,
      deadline,
      clock: host.clock,
      clockTolerance: host.clockTolerance,
      waitUntil: host.waitUntil,
    })
    lists.set(uri, cache, { size: BYTES_PER_LIST })
    return cache
  }

  return {
    isValid(status) {
      if (status === undefined) return true
      const reference = referenceIn(status)
      if (!reference) return false
      const list = lists.get(reference.uri)?.current()
      return list !== undefined && statusAt(list, reference.index) === 0
    },
    async check(status) {
      if (status === undefined) return undefined
      const reference = referenceIn(status)
      if (!reference) return INVALID
      const { uri, index } = reference
      const cache = lists.get(uri) ?? (isFetchable(uri, allowed) ? create(uri) : undefined)
      if (!cache) return INVALID
      const list = await cache.find()
      if (list instanceof Refusal) return list
      return statusAt(list, index) === 0 ? undefined : INVALID
    },
    state() {
      // The most recently used first.
      const all = [...lists.values()]
      return {
        entries: all.length,
        stale: all.filter(({ isFresh }) => !isFresh).length,
        lastError: all.find(({ lastError }) => lastError)?.lastError,
      }
    },
  }
}

/** `undefined` for anything that is not as in §6.2: what we cannot read may say that the token is revoked. */
function referenceIn(status: unknown): Reference | undefined {
  const reference = isObject(status) ? status.status_list : undefined
  if (!isObject(reference)) return undefined
  const { uri, idx } = reference
  if (typeof uri !== 'string' || uri.length > MAX_URI_LENGTH) return undefined
  return typeof idx === 'number' && Number.isSafeInteger(idx) && idx >= 0 ? { uri, index: idx } : undefined
}

/** The token decides which list it is in, so the options decide which hosts we call (RFC 8725 §3.10). */
function isFetchable(uri: string, allowed: ReadonlySet<string>): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, origin, username, password } = new URL(uri)
  // The origin of a blob: URL is that of the URL in it.
  return allowed.has(origin) && origin.startsWith(protocol) && username === '' && password === ''
}

/** The media type is not checked: the signature and `typ` are. */
const statusListAt = (
  url: string,
  rules: ListRules,
  inUse: List | undefined,
): Exchange<{ readonly list: List; readonly headers: Headers }> => ({
  url,
  headers: { accept: 'application/statuslist+jwt' },
  read: async (text, headers) => ({ list: await readStatusListToken(text, url, rules, inUse), headers }),
})

function lifetimeOfList(
  { ttl, expiry }: List,
  headers: Headers,
  maxAge: Seconds = MAX_LIFETIME,
  now: NumericDate,
): Seconds {
  const left = expiry === undefined ? MAX_LIFETIME : expiry - now
  return Math.max(1, Math.min(ttl ?? lifetimeOf(headers), maxAge, left, MAX_LIFETIME))
}
