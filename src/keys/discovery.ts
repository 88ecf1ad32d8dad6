import { UpstreamFault } from '../http/upstream-fault.ts'
import { isObject, type JsonObject } from '../platform/encoding.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../signature/algorithms.ts'
import { isTransportSecure } from './transport.ts'
import type { Upstream } from './upstream.ts'

/** What we take from an authorization server's metadata. */
export interface Discovered {
  readonly jwksUri: string
  /** The algorithms it signs access tokens with, where it says so. */
  readonly algorithms: readonly JwsAlgorithm[] | undefined
}

export interface DiscoveryPlace {
  /** The configured issuer, which the metadata must repeat exactly. */
  readonly issuer: string
  /** Where we reach it instead, if not at the issuer. */
  readonly internalUrl: string | undefined
}

/**
 * Finds the key set of an issuer by its metadata. The forms of OpenID Connect Discovery §4 and of RFC 8414 §3 are tried
 * in turn; the next one only where the server answered but has no such document.
 *
 * @throws {UpstreamFault} `issuer_mismatch` where the metadata is of another issuer (RFC 8414 §3.3)
 */
export async function discover(place: DiscoveryPlace, upstream: Upstream): Promise<Discovered> {
  let telling: UpstreamFault | undefined
  for (const url of metadataUrls(place.internalUrl ?? place.issuer)) {
    try {
      const { json } = await upstream('discovery', url)
      return readMetadata(json, place)
    } catch (thrown) {
      if (!(thrown instanceof UpstreamFault) || !isElsewhere(thrown)) throw thrown
      // A document that is wrong says more than one that is not there.
      if (!telling || telling.fault === 'status') telling = thrown
    }
  }
  throw telling ?? new UpstreamFault('shape', 'there is no place to look for metadata')
}

/** The server is up but this document is not what we look for. Server errors and silence would be the same elsewhere. */
const isElsewhere = ({ fault, status }: UpstreamFault): boolean =>
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

function readMetadata(json: unknown, place: DiscoveryPlace): Discovered {
  if (!isObject(json)) throw new UpstreamFault('shape', 'the metadata is not a JSON object')
  // Without this check any server that can answer under one of these URLs could name its own keys.
  if (json.issuer !== place.issuer) {
    const slash = typeof json.issuer === 'string' && json.issuer.replace(/\/$/, '') === place.issuer.replace(/\/$/, '')
    const hint = slash ? '; they differ by a slash at the end' : ''
    throw new UpstreamFault('issuer_mismatch', `the metadata of ${place.issuer} names another issuer${hint}`)
  }
  if (typeof json.jwks_uri !== 'string' || !URL.canParse(json.jwks_uri)) {
    throw new UpstreamFault('shape', 'the metadata has no jwks_uri')
  }
  const { username, password } = new URL(json.jwks_uri)
  if (username || password) throw new UpstreamFault('insecure_url', 'the jwks_uri holds a user name or a password')
  const jwksUri = reachable(json.jwks_uri, place)
  if (!isTransportSecure(jwksUri, place)) throw new UpstreamFault('insecure_url', 'the jwks_uri is not https')
  return { jwksUri, algorithms: algorithmsOf(json) }
}

/** A URL at the issuer, moved to where we reach the issuer. */
function reachable(url: string, { issuer, internalUrl }: DiscoveryPlace): string {
  if (internalUrl === undefined) return url
  const [base, target] = [issuer, internalUrl].map((text) => text.replace(/\/$/, '')) as [string, string]
  return url === base || url.startsWith(`${base}/`) ? target + url.slice(base.length) : url
}

function algorithmsOf(metadata: JsonObject): readonly JwsAlgorithm[] | undefined {
  const listed = metadata.access_token_signing_alg_values_supported
  const known = Array.isArray(listed) ? listed.filter(isJwsAlgorithm) : []
  return known.length > 0 ? known : undefined
}
