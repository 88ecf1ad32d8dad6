import type { ClientCertificate } from 'bearward/testing'
import type { Presentation } from '../api/present.ts'
import type { Certificates } from '../tls/certificates.ts'
import type { Applied, Possession } from './possession.ts'

const STOLEN = 'Stolen, the token is of no use without the key of that certificate (RFC 8705 §3)'

const ATTEMPTS = {
  own: { label: 'TLS with the certificate of the depot', by: 'client' },
  foreign: {
    label: 'TLS with another certificate: a thief brings theirs',
    by: 'attacker',
    flaw: `The connection has a certificate, and its thumbprint is another than the one in the token’s \`cnf\`. ${STOLEN}.`,
  },
  none: {
    label: 'TLS without a certificate: a thief has the token only',
    by: 'attacker',
    flaw: `The token names a certificate, and the client presented none in the handshake. ${STOLEN}.`,
  },
  plain: {
    label: 'plain HTTP, without TLS',
    by: 'attacker',
    flaw: `The token names a certificate, and where there is no TLS there is no handshake that could show one. ${STOLEN}.`,
  },
} as const satisfies Possession['attempts']

/** The server process holds the certificate, and opens the connections (RFC 8705 §3): no page can have one presented. */
export function certificateHolder({ depot, thief }: Certificates): Possession {
  const certificates: Readonly<Record<string, ClientCertificate>> = { own: depot, foreign: thief }
  return {
    legend: 'Connection',
    attempts: ATTEMPTS,
    async apply(attempt: string, presentation: Presentation): Promise<Applied> {
      if (attempt === 'plain') return { presentation, facts: [] }
      const certificate = certificates[attempt]
      return { presentation: { ...presentation, tls: certificate ? { certificate } : {} }, facts: [] }
    },
  }
}
