import { isJwsAlgorithm, type JwsAlgorithm } from '../jws/algorithms.ts'
import type { Upstream } from '../upstream/client.ts'
import { type Exchange, jsonAt, parseJson } from '../upstream/fetch.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { isTransportSecure } from '../util/secure-url.ts'

/** A URL that we use from the metadata, and how to read it. */
export interface MetadataUrl {
  readonly name: string
  read(metadata: JsonObject): unknown
}

export const JWKS_URI: MetadataUrl = { name: 'jwks_uri', read: (metadata) => metadata.jwks_uri }

/** What we read from an authorization server's metadata. */
export interface Discovered {
  /** By the names of the {@link MetadataUrl}s. */
  readonly urls: Readonly<Record<string, string>>
  /** The algorithms it signs access tokens with; `undefined` if it does not state them. */
  readonly algorithms: readonly JwsAlgorithm[] | undefined
  /** Why a required URL is missing. */
  readonly problem: UpstreamError | undefined
}

export interface DiscoveryPlace {
  /** The configured issuer, which the metadata must repeat exactly. */
  readonly issuer: string
  /** The base URL to reach it at, if not the issuer itself. */
  readonly internalUrl: string | undefined
  /** Origins that may be reached over plain http. */
  readonly plainHttpOrigins: readonly string[]
}

/**
 * Finds the URLs of an issuer in its metadata. The locations of OpenID Connect Discovery §4 and of RFC 8414 §3 are
 * tried in turn. The next one is tried only if the server responded without such a document, or with one that lacks a
 * required URL.
 *
 * @throws {UpstreamError} `issuer_mismatch` if the metadata belongs to another issuer (RFC 8414 §3.3)
 */
export async function discover(
  place: DiscoveryPlace,
  required: readonly MetadataUrl[],
  upstream: Upstream,
): Promise<Discovered> {
  const urls: Record<string, string> = {}
  let algorithms: readonly JwsAlgorithm[] | undefined
  let problem: UpstreamError | undefined
  const isComplete = () => required.every(({ name }) => urls[name] !== undefined)
  const record = (thrown: unknown) => {
    if (!(thrown instanceof UpstreamError) || !mayBeElsewhere(thrown)) throw thrown
    // A wrong document is a better explanation than a missing one.
    if (!problem || problem.code === 'status') problem = thrown
  }
  for (const url of metadataUrls(place.internalUrl ?? place.issuer)) {
    try {
      const metadata = await upstream('discovery', metadataAt(url, place))
      algorithms ??= algorithmsOf(metadata)
      for (const url of required) {
        try {
          urls[url.name] ??= urlIn(metadata, url, place)
        } catch (thrown) {
          record(thrown)
        }
      }
    } catch (thrown) {
      // URLs found so far stay valid when a later location fails.
      if (Object.keys(urls).length === 0) record(thrown)
    }
    if (isComplete()) return { urls, algorithms, problem: undefined }
  }
  const missing = problem ?? new UpstreamError('shape', 'the issuer has no metadata URL')
  if (Object.keys(urls).length === 0) throw missing
  return { urls, algorithms, problem: missing }
}

/** @throws {UpstreamError} if the metadata does not contain it */
export function urlOf(discovered: Discovered, { name }: MetadataUrl): string {
  const url = discovered.urls[name]
  if (url === undefined) throw discovered.problem ?? new UpstreamError('shape', `the metadata has no ${name}`)
  return url
}

/** True if the server responded without a usable document. Server errors and timeouts would affect every location. */
const mayBeElsewhere = ({ code, status }: UpstreamError): boolean =>
  code === 'status'
    ? status !== undefined && status < 500 && status !== 429
    : code !== 'network' && code !== 'timeout' && code !== 'closed'

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

/** Both forms, path appended and path inserted (RFC 8414 §3.1, §5). They coincide for an issuer without a path. */
export function metadataUrls(base: string): readonly string[] {
  const { origin, pathname } = new URL(base)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}${path}${OPENID}`,
      `${origin}${OAUTH}${path}`,
      `${origin}${OPENID}${path}`,
      `${origin}${path}${OAUTH}`,
    ]),
  ]
}

/** The issuer is checked as part of the request, so that a mismatch is its outcome in events. */
function metadataAt(url: string, place: DiscoveryPlace): Exchange<JsonObject> {
  return { ...jsonAt(url), read: (text) => requireIssuer(parseJson(text), place) }
}

function requireIssuer(json: unknown, place: DiscoveryPlace): JsonObject {
  if (!isObject(json)) throw new UpstreamError('shape', 'the metadata is not a JSON object')
  // Without this check, any server that responds at one of these URLs could supply its own keys.
  if (json.issuer !== place.issuer) {
    const slash = typeof json.issuer === 'string' && json.issuer.replace(/\/$/, '') === place.issuer.replace(/\/$/, '')
    const hint = slash ? '; they differ by a slash at the end' : ''
    throw new UpstreamError('issuer_mismatch', `the metadata of ${place.issuer} names another issuer${hint}`)
  }
  return json
}

function urlIn(metadata: JsonObject, { name, read }: MetadataUrl, place: DiscoveryPlace): string {
  const named = read(metadata)
  if (typeof named !== 'string' || !URL.canParse(named)) {
    const problem = typeof named === 'string' ? ' that is an absolute URL' : ''
    throw new UpstreamError('shape', `the metadata has no ${name.replace('mtls_', '')}${problem}`)
  }
  const { username, password } = new URL(named)
  if (username || password) throw new UpstreamError('insecure_url', `the ${name} contains a user name or a password`)
  const url = atInternalUrl(named, place)
  if (!isTransportSecure(url, place))
    throw new UpstreamError(
      'insecure_url',
      `the ${name} is not https, and allowInsecureRequests does not permit its host`,
    )
  return url
}

/** Replaces the issuer in a URL by the internal URL, if there is one. */
export function atInternalUrl(url: string, { issuer, internalUrl }: Omit<DiscoveryPlace, 'plainHttpOrigins'>): string {
  if (internalUrl === undefined) return url
  const [base, target] = [issuer, internalUrl].map((text) => text.replace(/\/$/, '')) as [string, string]
  return url === base || url.startsWith(`${base}/`) ? target + url.slice(base.length) : url
}

function algorithmsOf(metadata: JsonObject): readonly JwsAlgorithm[] | undefined {
  const listed = metadata.access_token_signing_alg_values_supported
  const supported = Array.isArray(listed) ? listed.filter(isJwsAlgorithm) : []
  return supported.length > 0 ? supported : undefined
}
