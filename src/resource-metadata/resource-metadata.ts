import type { HttpResponse } from '../http-message.ts'
import type { DpopSettings, MtlsSettings } from '../sender-constraint/settings.ts'
import type { MaybePromise } from '../util/maybe-promise.ts'
import type { MetadataSettings } from './options.ts'
import { signMetadata } from './signed-metadata.ts'

/** Protected resource metadata (RFC 9728 §2). Members of the option `metadata` stand among the others. */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers?: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly resource_name?: string
  readonly resource_documentation?: string
  readonly resource_policy_uri?: string
  readonly resource_tos_uri?: string
  readonly authorization_details_types_supported?: readonly string[]
  readonly tls_client_certificate_bound_access_tokens?: boolean
  readonly dpop_signing_alg_values_supported?: readonly string[]
  readonly dpop_bound_access_tokens_required?: boolean
  readonly [name: string]: unknown
}

/** The metadata document and where it belongs. */
export interface MetadataDocument {
  /** The absolute URL, as challenges name it. */
  readonly url: string
  /** Its path, for the route that serves it; in the form in which URLs are sent. */
  readonly path: string
  /** The document without its signature. Frozen. */
  readonly document: ProtectedResourceMetadata
  /**
   * The answer to a request, or `undefined` where it is not one for this document. `GET` and `HEAD` get it, `OPTIONS`
   * what browsers ask for first.
   *
   * @param target path and query, as the request has them
   * @throws {Error} where it is to be signed and the runtime cannot
   */
  respond(method: string, target: string): MaybePromise<HttpResponse> | undefined
}

export interface MetadataSource {
  readonly resource: string
  readonly scopes: readonly string[] | undefined
  readonly formTokens: 'off' | 'accept'
  readonly dpop: Pick<DpopSettings, 'mode' | 'algorithms'>
  readonly mtls: Pick<MtlsSettings, 'mode'>
  readonly metadata: MetadataSettings
}

/**
 * @param issuers those whose tokens are accepted, where they are known beforehand
 */
export function createMetadata(source: MetadataSource, issuers: readonly string[] | undefined): MetadataDocument {
  const { resource, scopes } = source
  const { members, signed } = source.metadata
  const { origin, pathname, search } = new URL(resource)
  // RFC 9728 §3.1: the well-known part goes between host and path, and a lone slash after the host goes away.
  const path = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`
  const document: ProtectedResourceMetadata = Object.freeze({
    ...members,
    resource,
    ...(issuers && { authorization_servers: Object.freeze([...issuers]) }),
    ...(scopes && { scopes_supported: scopes }),
    bearer_methods_supported: Object.freeze(bearerMethods(source)),
    ...bindings(source),
  })

  let prepared: HttpResponse | undefined
  function prepare(): MaybePromise<HttpResponse> {
    if (prepared) return prepared
    if (signed) return signMetadata(document, signed).then((jws) => keep({ ...document, signed_metadata: jws }))
    return keep(document)
  }
  function keep(complete: object): HttpResponse {
    // Of several that were signed at once, all get the first: its body is what caches already have.
    prepared ??= Object.freeze({ status: 200, headers: FOUND, body: JSON.stringify(complete) })
    return prepared
  }

  return Object.freeze({
    url: `${origin}${path}${search}`,
    path,
    document,
    respond(method: string, target: string) {
      if (!isTarget(target, path, search)) return undefined
      if (method === 'GET' || method === 'HEAD') return prepare()
      return method === 'OPTIONS' ? PREFLIGHT : undefined
    },
  })
}

/** An empty array says that none is (RFC 9728 §2): where DPoP is required, tokens are sent in another scheme. */
function bearerMethods({ dpop, formTokens }: MetadataSource): string[] {
  if (dpop.mode === 'require') return []
  return formTokens === 'accept' ? ['header', 'body'] : ['header']
}

/** What a route may ask for beyond the server's own modes is not said: a client learns it from the challenge. */
function bindings({ dpop, mtls }: MetadataSource): Partial<ProtectedResourceMetadata> {
  return {
    ...(mtls.mode !== 'off' && { tls_client_certificate_bound_access_tokens: true }),
    ...(dpop.mode !== 'off' && { dpop_signing_alg_values_supported: dpop.algorithms }),
    ...(dpop.mode === 'require' && { dpop_bound_access_tokens_required: true }),
  }
}

/**
 * Where the resource has a query, its document is at that query alone; otherwise a query means nothing, and may be there
 * to get round a cache.
 */
function isTarget(target: string, path: string, search: string): boolean {
  const at = target.indexOf('?')
  if (search !== '') return target === path + search
  return (at === -1 ? target : target.slice(0, at)) === path
}

const FOUND = Object.freeze({
  'Content-Type': 'application/json',
  'Cache-Control': 'public, max-age=3600',
  'Access-Control-Allow-Origin': '*', // public by nature, and read by clients in browsers
})

/**
 * Clients in browsers may send fields of their own, such as `MCP-Protocol-Version`, and ask first whether they may. Any
 * will do: none is looked at.
 */
const PREFLIGHT: HttpResponse = Object.freeze({
  status: 204,
  headers: Object.freeze({
    Allow: 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Max-Age': '3600',
  }),
  body: '',
})
