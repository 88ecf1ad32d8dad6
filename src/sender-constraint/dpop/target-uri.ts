/**
 * Which URI a proof is made for, and which URI a request has reached.
 *
 * The reader is strict where a URL parser of the web forgives: what is no URI after the grammar of RFC 3986 has no
 * normal form here, and matches nothing. Every step is linear in its input.
 */

/** A normalised `http` or `https` URI without its query and fragment. */
export interface TargetUri {
  /** Scheme, host and port, such as `https://api.example.com` or `http://[::1]:3000`; a default port is left out. */
  readonly origin: string
  /** Begins with a slash. */
  readonly path: string
}

/** The URIs under which we are known. */
export interface Targets {
  /**
   * Whether `htu` means the URI that the request reached: one of our public URLs followed by the path of the request
   * target.
   *
   * @param htu as the proof has it; a query and a fragment are passed over (RFC 9449 §4.3 check 9)
   * @param requestTarget as it was received. Of an absolute one only the path counts: who we are is configured.
   */
  matches(htu: string, requestTarget: string): boolean
}

/**
 * @param publicUrls where clients reach us. The path of each is what a proxy takes away from the front of the path.
 * @throws {TypeError} for one that {@link readTargetUri} does not read
 */
export function createTargets(publicUrls: readonly string[]): Targets {
  const ours = publicUrls.map(prefixOf)
  return {
    matches(htu, requestTarget) {
      const meant = readTargetUri(htu)
      const reached = pathOfRequest(requestTarget)
      return meant !== undefined && reached !== undefined && ours.some((one) => isBehind(one, meant, reached))
    },
  }
}

function prefixOf(publicUrl: string): TargetUri {
  const uri = readTargetUri(publicUrl)
  if (!uri) throw new TypeError('bearward: a public URL is no http or https URI')
  return { origin: uri.origin, path: uri.path.endsWith('/') ? uri.path.slice(0, -1) : uri.path }
}

function isBehind(prefix: TargetUri, meant: TargetUri, reached: string): boolean {
  if (meant.origin !== prefix.origin) return false
  if (meant.path === prefix.path + reached) return true
  // Without its prefix, the path of the prefix itself is empty, which HTTP sends as a slash (RFC 9112 §3.2.1).
  return reached === '/' && prefix.path !== '' && meant.path === prefix.path
}

/** `unreserved / reserved / pct-encoded` (RFC 3986 §2): no white space, controls, backslash, quotes, nor non-ASCII */
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/

/** `scheme "://" authority path-abempty` (RFC 3986 §3); the authority ends at the first slash, question mark or hash */
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+\-.]*):\/\/([^/?#]*)([^?#]*)/

/** `( "[" IPv6address "]" / reg-name ) [ ":" *DIGIT ]` (RFC 3986 §3.2), without userinfo and without an empty host */
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::([0-9]*))?$/

/** `*( "/" *pchar )` (RFC 3986 §3.3) */
const PATH = /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*$/

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/**
 * Reads and normalises an absolute URI, or returns `undefined` for anything else.
 *
 * @see RFC 3986 §6.2.2, §6.2.3; RFC 9110 §4.2.1–4.2.3
 */
export function readTargetUri(uri: string): TargetUri | undefined {
  if (!URI_CHARACTERS.test(uri)) return undefined
  const [, givenScheme = '', authority = '', path = ''] = ABSOLUTE.exec(uri) ?? []
  const scheme = givenScheme.toLowerCase()
  const defaultPort = DEFAULT_PORTS[scheme]
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  // RFC 9110 §4.2.1: an http URI with an empty host is invalid; §4.2.4: so is one with userinfo, from where we stand.
  if (defaultPort === undefined || host === undefined || !PATH.test(path)) return undefined
  const number = port?.replace(/^0+(?=[0-9])/, '') || defaultPort
  return {
    origin: `${scheme}://${normalHost(host)}${number === defaultPort ? '' : `:${number}`}`,
    path: path === '' ? '/' : withoutDotSegments(normalEscapes(path)),
  }
}

/** RFC 9112 §3.2: what a server was asked for, of which an origin-form is nothing but path and query. */
function pathOfRequest(requestTarget: string): string | undefined {
  const given = requestTarget.startsWith('/') ? /^[^?#]*/.exec(requestTarget)?.[0] : ABSOLUTE.exec(requestTarget)?.[3]
  if (given === undefined || !PATH.test(given)) return undefined
  // Dot segments stay, and a path with some matches nothing. Clients resolve them before they send anything; whether
  // what stands between a client and us has done so, before or after it took a prefix away, cannot be known: such a
  // path could be another one than it seems.
  return given === '' ? '/' : normalEscapes(given)
}

/** RFC 3986 §6.2.2.1, §6.2.2.2 */
function normalHost(host: string): string {
  return normalEscapes(host).replace(/%..|[A-Z]/g, (found) => (found.length === 1 ? found.toLowerCase() : found))
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/

/** Escapes in capitals, and none for unreserved characters (RFC 3986 §6.2.2.1, §6.2.2.2). */
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
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  if (isDotSegment(segments.at(-1) ?? '')) kept.push('')
  return `/${kept.join('/')}`
}
