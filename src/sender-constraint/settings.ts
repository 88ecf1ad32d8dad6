import { LEAST_BYTES, secretBytes } from '../config/secret.ts'
import { type Checked, optional, required, shape, withMembers } from '../config/shape.ts'
import { type Checker, func, headerName, list, number, oneOf, secureUrl } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { Peer } from '../http-message.ts'
import { asymmetricAlgorithm } from '../jws/signing-key-settings.ts'
import { DEFAULT_PROOF_ALGORITHMS } from './dpop/proof-algorithms.ts'
import { readTargetUri } from './dpop/target-uri.ts'

const mode = optional(oneOf('off', 'accept', 'require', 'report-only'), 'accept')

const nonceShape = shape({
  secret: required(secretBytes, `at least ${LEAST_BYTES} random bytes`),
  rotate: optional(number(1, 86_400, 'seconds'), 300),
})

const nonce = withMembers(nonceShape.members, (value, option, hint) =>
  value === 'off' ? undefined : nonceShape(value, option, hint),
)

export const dpopShape = shape(
  {
    mode,
    nonce: optional(nonce, 'off'),
    algorithms: optional(list(asymmetricAlgorithm), DEFAULT_PROOF_ALGORITHMS),
    maxAge: optional(number(1, 3600, 'seconds'), 60),
    clockTolerance: optional(number(0, 300, 'seconds'), 15),
    onStoreFailure: optional(oneOf('refuse', 'use_local'), 'refuse'),
  },
  'mode',
)

const proxy = shape({
  isTrusted: required(
    func as Checker<(peer: Peer, native: object) => unknown>,
    'which peers are proxies? Anyone can send the header',
  ),
  header: optional(headerName, 'Client-Cert'),
  format: optional(oneOf('rfc9440', 'der', 'pem', 'xfcc'), 'rfc9440'),
})

export const mtlsShape = shape({ mode, proxy: optional(proxy) }, 'mode')

export type DpopSettings = Checked<typeof dpopShape.members>
export type ProxySettings = Checked<typeof proxy.members>
export type MtlsSettings = Checked<typeof mtlsShape.members>

/** An origin at which callers see this server, with the path that a proxy removes. */
export const publicUrl: Checker<string> = (value, option) => {
  const url = secureUrl(value, option)
  if (/[?#]/.test(url)) throw new ConfigurationError(option, 'must not have a query or a fragment')
  // URL parsers of browsers accept more than a proof may contain.
  if (!readTargetUri(url)) {
    throw new ConfigurationError(option, 'must be a URI of plain ASCII, without user information (RFC 3986)')
  }
  return url
}
