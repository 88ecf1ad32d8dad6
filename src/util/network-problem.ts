/**
 * Why a connection failed: the host was not found, it refused or reset the connection, was not reachable or too slow,
 * or TLS failed.
 */
export type NetworkProblem = 'not_found' | 'refused' | 'reset' | 'unreachable' | 'timeout' | 'tls'

const CODES: readonly (readonly [NetworkProblem, RegExp])[] = [
  ['not_found', /^(?:ENOTFOUND|EAI_\w+|ENODATA)$/],
  ['refused', /^(?:ECONNREFUSED|ConnectionRefused)$/],
  ['reset', /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/],
  ['unreachable', /^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/],
  ['timeout', /^(?:ETIMEDOUT|UND_ERR_\w+_TIMEOUT)$/],
  [
    'tls',
    /^(?:ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|\w*CERT\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED)$/,
  ],
]

export const SENTENCES: Readonly<Record<NetworkProblem, string>> = {
  not_found: 'the host was not found',
  refused: 'the connection was refused',
  reset: 'the connection was reset',
  unreachable: 'the host is not reachable',
  timeout: 'the host did not respond in time',
  tls: 'the TLS connection failed: check the certificate and its authority',
}

const MAX_CAUSES = 5

/** Reads the codes of an error and its causes: `fetch` reports every problem as "fetch failed". */
export function networkProblemOf(thrown: unknown, depth = 0): NetworkProblem | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth > MAX_CAUSES) return undefined
  try {
    const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown }
    const own = typeof code === 'string' ? CODES.find(([, codes]) => codes.test(code))?.[0] : undefined
    // Of a host with several addresses, each attempt has its own error.
    const others = [cause, ...(Array.isArray(errors) ? errors.slice(0, MAX_CAUSES) : [])]
    return own ?? others.map((other) => networkProblemOf(other, depth + 1)).find((found) => found !== undefined)
  } catch {
    return undefined // a getter that throws
  }
}
