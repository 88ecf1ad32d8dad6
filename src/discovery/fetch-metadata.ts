import { isJwsAlgorithm, type JwsAlgorithm } from '../jws/algorithms.ts'
import type { Upstream } from '../upstream/client.ts'
import { jsonAt } from '../upstream/fetch.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'
import { isTransportSecure } from '../util/secure-url.ts'

/** The URLs that metadata can name, as far as we have use for them; each with the way to read it. */
const READERS = {
  jwks_uri: (metadata: JsonObject): unknown => metadata.jwks_uri,
  introspection_endpoint: (metadata: JsonObject): unknown => metadata.introspection_endpoint,
  /** For clients that authenticate by certificate (RFC 8705 §5). */
  mtls_introspection_endpoint: ({ mtls_endpoint_aliases: aliases, introspection_endpoint: plain }: JsonObject) =>
    (isObject(aliases) ? aliases.introspection_endpoint : undefined) ?? plain,
} as const

export type MetadataUrl = keyof typeof READERS

/** What we take from an authorization server's metadata. */
export interface Discovered {
  readonly urls: Readonly<Partial<Record<MetadataUrl, string>>>
  /** The algorithms it signs access tokens with, where it says so. */
  readonly algorithms: readonly JwsAlgorithm[] | undefined
  /** Why a URL that was wanted is not there. */
  readonly problem: UpstreamError | undefined
}

export interface DiscoveryPlace {
  /** The configured issuer, which the metadata must repeat exactly. */
  readonly issuer: string
  /** Where we reach it instead, if not at the issuer. */
  readonly internalUrl: string | undefined
}

/**
 * Finds the URLs of an issuer by its metadata. The forms of OpenID Connect Discovery §4 and of RFC 8414 §3 are tried in
 * turn; the next one only where the server answered but has no such document, or one that lacks a URL we want.
 *
 * @throws {UpstreamError} `issuer_mismatch` where the metadata is of another issuer (RFC 8414 §3.3)
 */
export async function discover(
  place: DiscoveryPlace,
  required: readonly MetadataUrl[],
  upstream: Upstream,
): Promise<Discovered> {
  const urls: Partial<Record<MetadataUrl, string>> = {}
  let algorithms: readonly JwsAlgorithm[] | undefined
  let problem: UpstreamError | undefined
  const isComplete = () => required.every((name) => urls[name] !== undefined)
  const note = (thrown: unknown) => {
    if (!(thrown instanceof UpstreamError) || !isElsewhere(thrown)) throw thrown
    // A document that is wrong says more than one that is not there.
    if (!problem || problem.code === 'status') problem = thrown
  }
  for (const url of metadataUrls(place.internalUrl ?? place.issuer)) {
    try {
      const metadata = ofIssuer((await upstream('discovery', jsonAt(url))).json, place)
      algorithms ??= algorithmsOf(metadata)
      for (const name of required) {
        try {
          urls[name] ??= urlIn(metadata, name, place)
        } catch (thrown) {
          note(thrown)
        }
      }
    } catch (thrown) {
      // What has been found is good, whatever comes behind it.
      if (Object.keys(urls).length === 0) note(thrown)
    }
    if (isComplete()) return { urls, algorithms, problem: undefined }
  }
  const missing = problem ?? new UpstreamError('shape', 'there is no place to look for metadata')
  if (Object.keys(urls).length === 0) throw missing
  return { urls, algorithms, problem: missing }
}

/** @throws {UpstreamError} where metadata did not name it */
export function urlOf(discovered: Discovered, name: MetadataUrl): string {
  const url = discovered.urls[name]
  if (url === undefined) throw discovered.problem ?? new UpstreamError('shape', `the metadata has no ${name}`)
  return url
}

/** The server is up but this document is not what we look for. Server errors and silence would be the same elsewhere. */
const isElsewhere = ({ code: fault, status }: UpstreamError): boolean =>
  fault === 'status'
    ? status !== undefined && status < 500 && status !== 429
    : fault !== 'network' && fault !== 'timeout' && fault !== 'closed'

/** Path-append and path-insert forms (RFC 8414 §3.1, §5); they are the same for an issuer without a path. */
export function metadataUrls(base: string): readonly string[] {
  const { origin, pathname } = new URL(base)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}${path}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/oauth-authorization-server`,
    ]),
  ]
}

function ofIssuer(json: unknown, place: DiscoveryPlace): JsonObject {
  if (!isObject(json)) throw new UpstreamError('shape', 'the metadata is not a JSON object')
  // Without this check any server that can answer under one of these URLs could name its own keys.
  if (json.issuer !== place.issuer) {
    const slash = typeof json.issuer === 'string' && json.issuer.replace(/\/$/, '') === place.issuer.replace(/\/$/, '')
    const hint = slash ? '; they differ by a slash at the end' : ''
    throw new UpstreamError('issuer_mismatch', `the metadata of ${place.issuer} names another issuer${hint}`)
  }
  return json
}

function urlIn(metadata: JsonObject, name: MetadataUrl, place: DiscoveryPlace): string {
  const named = READERS[name](metadata)
  if (typeof named !== 'string' || !URL.canParse(named)) {
    throw new UpstreamError('shape', `the metadata has no ${name.replace('mtls_', '')}`)
  }
  const { username, password } = new URL(named)
  if (username || password) throw new UpstreamError('insecure_url', `the ${name} holds a user name or a password`)
  const url = reachable(named, place)
  if (!isTransportSecure(url, place)) throw new UpstreamError('insecure_url', `the ${name} is not https`)
  return url
}

/** A URL at the issuer, moved to where we reach the issuer. */
function reachable(url: string, { issuer, internalUrl }: DiscoveryPlace): string {
  if (internalUrl === undefined) return url
  const [base, target] = [issuer, internalUrl].map((text) => text.replace(/\/$/, '')) as [string, string]
  return url === base || url.startsWith(`${base}/`) ? target + url.slice(base.length) : url
}

function algorithmsOf(metadata: JsonObject): readonly JwsAlgorithm[] | undefined {
  const listed = metadata.access_token_signing_alg_values_supported
  const cached = Array.isArray(listed) ? listed.filter(isJwsAlgorithm) : []
  return cached.length > 0 ? cached : undefined
}
