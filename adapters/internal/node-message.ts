/** What we need of an `IncomingMessage`, or of what stands for one in tests and serverless runtimes. */
export interface NodeMessage {
  readonly rawHeaders?: readonly string[]
  readonly socket?: NodeSocket | null
}

interface NodeSocket {
  readonly remoteAddress?: string | undefined
  /** Only sockets of TLS have it. */
  getPeerX509Certificate?(): { readonly raw: Uint8Array } | undefined
}

/**
 * The lines of a field, by its name in lower case. Node keeps only the first of several in `headers`, or joins them;
 * `rawHeaders` has them all. A single value itself comes from `headers`, where earlier middleware may have put another one.
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
  return typeof value === 'string' ? [value] : (value ?? [])
}

/** Nearly no request repeats a field, and most have no second one whose name is as long: those cost no comparison. */
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

/** The DER of the certificate that the client presented in TLS; its issuer is not checked here. */
export function peerCertificate(message: NodeMessage | undefined): Uint8Array | undefined {
  return message?.socket?.getPeerX509Certificate?.()?.raw
}

const MAPPED_IPV4 = '::ffff:'

/** The address at the other end of a connection; sockets that serve both families write IPv4 as IPv6. */
export function peerAddress(message: NodeMessage | undefined): string | undefined {
  const address = message?.socket?.remoteAddress
  return address?.startsWith(MAPPED_IPV4) && address.includes('.') ? address.slice(MAPPED_IPV4.length) : address
}
