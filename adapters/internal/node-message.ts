/** What we use of an `IncomingMessage`, or of its replacement in tests and serverless runtimes. */
export interface NodeMessage {
  readonly method?: string | undefined
  /** The method as received, where middleware such as method-override has changed `method`. */
  readonly originalMethod?: string
  readonly url?: string | undefined
  /** The target as received, where a router has changed `url`. */
  readonly originalUrl?: string
  readonly rawHeaders?: readonly string[]
  readonly socket?: NodeSocket | null
}

interface NodeSocket {
  readonly remoteAddress?: string | undefined
  readonly server?: { readonly maxHeadersCount?: number | null }
  /** Only on TLS sockets. */
  getPeerX509Certificate?(): { readonly raw: Uint8Array } | undefined
}

/**
 * The lines of a header, by its name in lower case. In `headers`, Node keeps only the first line or joins them;
 * `rawHeaders` has them all. A single value is taken from `headers`, because earlier middleware may have replaced it.
 */
export function fieldLines(
  name: string,
  value: string | readonly string[] | null | undefined,
  message: NodeMessage | undefined,
): readonly string[] {
  const raw = message?.rawHeaders
  if (raw && mayBeRepeated(name, raw)) {
    const lines = rawLines(name, raw)
    if (lines.length > 1) return lines
  }
  const lines = typeof value === 'string' ? [value] : (value ?? [])
  // Another line may be among those that are missing, so it counts as repeated.
  return raw && isCutOff(raw, message) ? [...lines, ...lines] : lines
}

/** Node drops lines beyond `maxHeadersCount`, without a trace, if there are more than it reads at once. */
function isCutOff({ length }: readonly string[], { socket }: NodeMessage): boolean {
  if (length < 2 * READ_AT_ONCE) return false
  const max = socket?.server?.maxHeadersCount ?? DEFAULT_MAX
  return max > 0 && length >= 2 * max
}

const READ_AT_ONCE = 32
const DEFAULT_MAX = 1000

/** Few requests have two headers with names of the same length, so this avoids most comparisons. */
function mayBeRepeated({ length }: string, raw: readonly string[]): boolean {
  let candidates = 0
  for (let at = 0; at + 1 < raw.length; at += 2) if (raw[at]?.length === length) candidates++
  return candidates > 1
}

function rawLines(name: string, raw: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() === name) lines.push(raw[at + 1] as string)
  }
  return lines
}

/**
 * The method as received. A framework that creates a `Request` for an application mounted in it, or in another framework,
 * may give it another method or URL.
 */
export const methodOf = (message: NodeMessage | undefined): string | undefined =>
  message?.originalMethod ?? message?.method

/** The target as received. */
export const targetOf = (message: NodeMessage | undefined): string | undefined => message?.originalUrl ?? message?.url

/** The DER of the client's TLS certificate. Its issuer is not checked here. */
export function peerCertificate(message: NodeMessage | undefined): Uint8Array | undefined {
  return message?.socket?.getPeerX509Certificate?.()?.raw
}

const MAPPED_IPV4 = '::ffff:'

/** The remote address. Dual-stack sockets write IPv4 addresses as IPv6. */
export function peerAddress(message: NodeMessage | undefined): string | undefined {
  const address = message?.socket?.remoteAddress
  return address?.startsWith(MAPPED_IPV4) && address.includes('.') ? address.slice(MAPPED_IPV4.length) : address
}
