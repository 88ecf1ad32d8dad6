import type { ClientCertificate } from 'bearward/testing'
import type { Presentation } from '../api/present.ts'
import type { Certificates } from '../tls/certificates.ts'
import type { Applied, Possession } from './possession.ts'

const STOLEN = 'A stolen token is useless without the key of that certificate (RFC 8705 §3)'

const ATTEMPTS = {
  own: { label: "TLS with the depot's certificate", by: 'client' },
  foreign: {
    label: "TLS with another certificate: a thief's own",
    by: 'attacker',
    flaw: `The thumbprint of the client certificate differs from the one in the token’s \`cnf\`. ${STOLEN}.`,
  },
  none: {
    label: 'TLS without a certificate: a thief has only the token',
    by: 'attacker',
    flaw: `The token is bound to a certificate, but the client presented none in the handshake. ${STOLEN}.`,
  },
  plain: {
    label: 'plain HTTP, without TLS',
    by: 'attacker',
    flaw: `The token is bound to a certificate, but without TLS there is no handshake to present one. ${STOLEN}.`,
  },
} as const satisfies Possession['attempts']

/** The server process has the certificate and opens the connections (RFC 8705 §3): a page cannot choose a certificate. */
export function certificateHolder({ depot, thief }: Certificates): Possession {
  const certificates: Readonly<Record<string, ClientCertificate>> = { own: depot, foreign: thief }
  return {
    legend: 'Connection',
    attempts: ATTEMPTS,
    async apply(attempt: string, presentation: Presentation): Promise<Applied> {
      if (attempt === 'plain') return { presentation, details: [] }
      const certificate = certificates[attempt]
      return { presentation: { ...presentation, tls: certificate ? { certificate } : {} }, details: [] }
    },
  }
}
