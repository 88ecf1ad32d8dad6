/** Protected resource metadata (RFC 9728 §2). */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers?: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly bearer_methods_supported: readonly string[]
}

/** The metadata document and where it belongs. */
export interface MetadataDocument {
  /** The absolute URL, as challenges name it. */
  readonly url: string
  /** Its path, for the route that serves it. */
  readonly path: string
  readonly document: ProtectedResourceMetadata
  /** The answer to a GET of it. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function createMetadata(
  resource: string,
  issuers: readonly string[] | undefined,
  scopes: readonly string[] | undefined,
  formTokens: boolean,
): MetadataDocument {
  const url = metadataUrl(resource)
  const document = Object.freeze({
    resource,
    ...(issuers && { authorization_servers: issuers }),
    ...(scopes && { scopes_supported: scopes }),
    bearer_methods_supported: formTokens ? ['header', 'body'] : ['header'],
  })
  return Object.freeze({
    url,
    path: new URL(url).pathname,
    document,
    headers: Object.freeze({
      'Content-Type': 'application/json',
      'Cache-Control': 'public, max-age=3600',
      'Access-Control-Allow-Origin': '*', // public by nature, and read by clients in browsers
    }),
    body: JSON.stringify(document),
  })
}

/** RFC 9728 §3.1: the well-known part goes between host and path, and a lone slash after the host goes away. */
function metadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(resource)
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`
}
