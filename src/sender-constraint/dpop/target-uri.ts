// Why: docs/decisions/origin.md

/**
 * Compares the URI in a proof with the URI of a request.
 *
 * Unlike the WHATWG URL parser, this one is strict: what is not a URI by the grammar of RFC 3986 matches nothing. Every
 * step is linear in its input.
 */

/** A normalized `http` or `https` URI without query and fragment. */
export interface TargetUri {
  /** Scheme, host and port, such as `https://api.example.com` or `http://[::1]:3000`, without a default port. */
  readonly origin: string
  /** Begins with a slash. */
  readonly path: string
}

/** The public URLs of this resource server. */
export interface Targets {
  /**
   * Whether `htu` is the URI of the request: one of our public URLs followed by the path of the request target.
   *
   * @param htu as in the proof; its query and fragment are ignored (RFC 9449 §4.3 check 9)
   * @param requestTarget as received. Of an absolute one only the path is used: our origin is configured.
   */
  matches(htu: string, requestTarget: string): boolean
}

/**
 * @param publicUrls where clients reach us. A proxy strips the path of the URL from the path of the request.
 * @throws {TypeError} for a URL that {@link readTargetUri} cannot read
 */
export function createTargets(publicUrls: readonly string[]): Targets {
  const prefixes = publicUrls.map(prefixOf)
  return {
    matches(htu, requestTarget) {
      const target = readTargetUri(htu)
      const path = pathOfRequest(requestTarget)
      return target !== undefined && path !== undefined && prefixes.some((prefix) => isBehind(prefix, target, path))
    },
  }
}

function prefixOf(publicUrl: string): TargetUri {
  const uri = readTargetUri(publicUrl)
  if (!uri) throw new TypeError('bearward: a public URL is not an http or https URI')
  return { origin: uri.origin, path: uri.path.endsWith('/') ? uri.path.slice(0, -1) : uri.path }
}

function isBehind(prefix: TargetUri, target: TargetUri, path: string): boolean {
  if (target.origin !== prefix.origin) return false
  if (target.path === prefix.path + path) return true
  // When a proxy strips the whole path, it sends the empty rest as a slash (RFC 9112 §3.2.1).
  return path === '/' && target.path === prefix.path
}

/** `unreserved / reserved / pct-encoded` (RFC 3986 §2): no white space, control, backslash, quote or non-ASCII character */
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/

/** `scheme "://" authority path-abempty` (RFC 3986 §3); the authority ends at the first slash, question mark or hash */
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+\-.]*):\/\/([^/?#]*)([^?#]*)/

/** `( "[" IPv6address "]" / reg-name ) [ ":" *DIGIT ]` (RFC 3986 §3.2), without userinfo and without an empty host */
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::([0-9]*))?$/

/** `*( "/" *pchar )` (RFC 3986 §3.3) */
const PATH = /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*$/

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/**
 * Reads and normalizes an absolute URI; `undefined` for anything else.
 *
 * @see RFC 3986 §6.2.2, §6.2.3; RFC 9110 §4.2.1–4.2.3
 */
export function readTargetUri(uri: string): TargetUri | undefined {
  if (!URI_CHARACTERS.test(uri)) return undefined
  const [, schemeText = '', authority = '', path = ''] = ABSOLUTE.exec(uri) ?? []
  const scheme = schemeText.toLowerCase()
  const defaultPort = DEFAULT_PORTS[scheme]
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  // RFC 9110 §4.2.1: an http URI with an empty host is invalid. §4.2.4: one with userinfo from a client is an error.
  if (defaultPort === undefined || host === undefined || !PATH.test(path)) return undefined
  const number = port?.replace(/^0+(?=[0-9])/, '') || defaultPort
  return {
    origin: `${scheme}://${normalEscapes(host).toLowerCase()}${number === defaultPort ? '' : `:${number}`}`,
    path: path === '' ? '/' : withoutDotSegments(normalEscapes(path)),
  }
}

/** The path of a request target in origin-form or absolute-form (RFC 9112 §3.2). */
function pathOfRequest(requestTarget: string): string | undefined {
  const path = requestTarget.startsWith('/') ? /^[^?#]*/.exec(requestTarget)?.[0] : ABSOLUTE.exec(requestTarget)?.[3]
  if (path === undefined || !PATH.test(path)) return undefined
  // Dot segments are not removed, so such a path matches nothing. Clients resolve them before sending. Whether a proxy
  // resolves them before or after it strips a prefix cannot be known, so the meaning of the path would be ambiguous.
  return path === '' ? '/' : normalEscapes(path)
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/

/** Uppercases escapes and decodes those of unreserved characters (RFC 3986 §6.2.2.1, §6.2.2.2). */
function normalEscapes(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%../g, (found) => {
    const character = String.fromCharCode(Number.parseInt(found.slice(1), 16))
    return UNRESERVED.test(character) ? character : found.toUpperCase()
  })
}

const isDotSegment = (segment: string): boolean => segment === '.' || segment === '..'

/** RFC 3986 §5.2.4, for a path that begins with a slash */
function withoutDotSegments(path: string): string {
  if (!path.includes('/.')) return path
  const output: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments) {
    if (segment === '..') output.pop()
    else if (segment !== '.') output.push(segment)
  }
  if (isDotSegment(segments.at(-1) ?? '')) output.push('')
  return `/${output.join('/')}`
}
