/** 127.0.0.0/8, [::1] and localhost: the only hosts that plain http may reach unless the options name them. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  )
}

/** https, or http on loopback. */
export function isSecureUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

/**
 * True if keys may be fetched from a URL in metadata: over https, or over http if the issuer itself is configured as http
 * on loopback, or if the options name the origin of the URL.
 */
export function isTransportSecure(
  text: string,
  place: { readonly issuer: string; readonly plainHttpOrigins: readonly string[] },
): boolean {
  const url = new URL(text)
  if (url.protocol === 'https:') return true
  if (url.protocol !== 'http:') return false
  if (place.plainHttpOrigins.includes(url.origin)) return true
  return isLoopback(url.hostname) && new URL(place.issuer).protocol === 'http:'
}

/** A well-known path makes a URL that of metadata (RFC 8414 §3, RFC 9728 §3, OpenID Connect Discovery §4). */
export const METADATA_PATH =
  /\/\.well-known\/(?:openid-configuration|oauth-(?:authorization-server|protected-resource))/
