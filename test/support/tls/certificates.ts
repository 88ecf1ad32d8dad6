import { X509Certificate } from 'node:crypto'
import { selfSigned } from './untrusted-server.ts'

/** A self-signed certificate (RFC 8705 §2.2), with its key, in the formats that tests need. */
export interface Certificate {
  /** PEM. */
  readonly key: string
  readonly cert: string
  /** Base64 of the DER. */
  readonly base64: string
  /** The SHA-256 of the DER in lower-case hexadecimal digits. */
  readonly hash: string
  /** The same in base64url, as `x5t#S256` has it (RFC 8705 §3.1). */
  readonly thumbprint: string
}

export function createCertificate(commonName: string): Certificate {
  const pair = selfSigned(commonName)
  const { raw, fingerprint256 } = new X509Certificate(pair.cert)
  const hash = fingerprint256.replaceAll(':', '').toLowerCase()
  return {
    ...pair,
    base64: raw.toString('base64'),
    hash,
    thumbprint: Buffer.from(hash, 'hex').toString('base64url'),
  }
}

/** How proxies write a certificate into a header, according to their manuals. */
export const WRITTEN = {
  /** RFC 9440 §2.2: Google Cloud's `{client_cert_leaf}`, Cloudflare's `cf.tls_client_auth.cert_rfc9440`. */
  rfc9440: ({ base64 }: Certificate) => `:${base64}:`,
  /** HAProxy's `%[ssl_c_der,base64]`, Traefik's `X-Forwarded-Tls-Client-Cert`. */
  der: ({ base64 }: Certificate) => base64,
  /** nginx's `$ssl_client_escaped_cert`: every character that is not unreserved is encoded. */
  nginx: ({ cert }: Certificate) => encodeURIComponent(cert),
  /** AWS's `X-Amzn-Mtls-Clientcert-Leaf`: plus, slash and equals sign stay as they are. */
  aws: ({ cert }: Certificate) => encodeURI(cert),
  /** Apache's `%{SSL_CLIENT_CERT}s`: line ends become spaces. */
  apache: ({ cert }: Certificate) => cert.replaceAll('\n', ' '),
  /** Envoy's `X-Forwarded-Client-Cert`, as it is by default. */
  envoy: ({ hash }: Certificate) =>
    `By=spiffe://mesh/api;Hash=${hash};Subject="CN=client,O=\\"us\\"";URI=spiffe://mesh/a`,
  /** The same with the certificate. */
  envoyWithCert: ({ hash, cert }: Certificate) => `Hash=${hash};Cert="${encodeURIComponent(cert)}";URI=;DNS=a.example`,
} as const
