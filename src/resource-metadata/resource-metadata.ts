import type { HttpResponse } from '../http-message.ts'
import type { DpopSettings, MtlsSettings } from '../sender-constraint/settings.ts'
import type { MetadataSettings } from './options.ts'

/** Protected resource metadata (RFC 9728 §2). It includes the members of the option `metadata`. */
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

/** The metadata document and its URL. */
export interface MetadataDocument {
  /** The absolute URL that challenges name, once the document is served. */
  readonly url: string
  /** The path for the route that serves it, percent-encoded as in a request. */
  readonly path: string
  /** The document without its signature. Frozen. */
  readonly document: ProtectedResourceMetadata
  /** States that the document is served, as `metadata()` of every adapter and the first call of `respond()` do. */
  mounted(): void
  /**
   * The response to a `GET`, `HEAD` or CORS preflight request for this document; `undefined` for any other request.
   *
   * @param target path and query of the request, or an absolute URL
   * @throws {Error} if the runtime cannot create the configured signature
   */
  respond(method: string, target: string): HttpResponse | Promise<HttpResponse> | undefined
}

export interface MetadataSource {
  readonly resource: string
  readonly scopes: readonly string[] | undefined
  readonly formTokens: 'off' | 'accept'
  readonly dpop: Pick<DpopSettings, 'mode' | 'algorithms'>
  readonly mtls: Pick<MtlsSettings, 'mode'>
  readonly metadata: MetadataSettings
}

export interface Metadata {
  readonly document: MetadataDocument
  /** The URL for challenges, which must not point to a document that nothing serves. */
  servedUrl(): string | undefined
}

/** @param issuers the trusted issuers, as far as they are listed and are URLs */
export function createMetadata(source: MetadataSource, issuers: readonly string[] | undefined): Metadata {
  const { resource, scopes } = source
  const { members, sign, servedAt } = source.metadata
  const { origin, pathname, search } = new URL(resource)
  // RFC 9728 §3.1: the well-known part goes between host and path, and a lone slash after the host is removed.
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
  function prepare(): HttpResponse | Promise<HttpResponse> {
    if (prepared) return prepared
    if (sign) return sign(document).then((jws) => finish({ ...document, signed_metadata: jws }))
    return finish(document)
  }
  function finish(complete: object): HttpResponse {
    // If several requests sign at once, all get the first result, which caches may already have.
    prepared ??= Object.freeze({ status: 200, headers: HEADERS, body: JSON.stringify(complete) })
    return prepared
  }

  const url = servedAt ?? `${origin}${path}${search}`
  let isServed = servedAt !== undefined
  function mounted(): void {
    isServed = true
  }

  const served: MetadataDocument = Object.freeze({
    url,
    path,
    document,
    mounted,
    respond(method: string, target: string) {
      mounted()
      if (!isTarget(target, path, search)) return undefined
      if (method === 'GET' || method === 'HEAD') return prepare()
      return method === 'OPTIONS' ? PREFLIGHT : undefined
    },
  })
  return { document: served, servedUrl: () => (isServed ? url : undefined) }
}

/** Empty if no bearer method is supported (RFC 9728 §2): if DPoP is required, tokens use another scheme. */
function bearerMethods({ dpop, formTokens }: MetadataSource): string[] {
  if (dpop.mode === 'require') return []
  return formTokens === 'accept' ? ['header', 'body'] : ['header']
}

/** Only the server's own modes. A client finds further requirements of a route in its challenge. */
function bindings({ dpop, mtls }: MetadataSource): Partial<ProtectedResourceMetadata> {
  return {
    ...(mtls.mode !== 'off' && { tls_client_certificate_bound_access_tokens: true }),
    ...(dpop.mode !== 'off' && { dpop_signing_alg_values_supported: dpop.algorithms }),
    ...(dpop.mode === 'require' && { dpop_bound_access_tokens_required: true }),
  }
}

/**
 * If the resource has a query, its document requires exactly that query. Otherwise any query is ignored: clients add
 * one to bypass caches.
 */
function isTarget(target: string, path: string, search: string): boolean {
  const own = target.replace(ORIGIN, '')
  return (search === '' ? own.split('?', 1)[0] : own) === path + search
}

/** Of a target in absolute-form, which servers must accept (RFC 9112 §3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#]*/i

const HEADERS = Object.freeze({
  'Content-Type': 'application/json',
  'Cache-Control': 'public, max-age=3600',
  'Access-Control-Allow-Origin': '*', // public, and read by clients in browsers
})

/**
 * Browsers send a preflight request for custom headers such as `MCP-Protocol-Version`. All are allowed, since none is
 * read.
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
