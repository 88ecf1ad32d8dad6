import {
  absoluteUrl,
  type Checker,
  func,
  list,
  member,
  number,
  oneOf,
  optional,
  record,
  wrong,
} from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { Peer } from '../http-message.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../jws/algorithms.ts'
import { isSecureUrl } from '../util/secure-url.ts'
import type { Seconds } from '../util/time.ts'
import { DEFAULT_PROOF_ALGORITHMS } from './dpop/proof-algorithms.ts'
import { readTargetUri } from './dpop/target-uri.ts'
import type { BindingMode } from './mode.ts'
import type { CertificateFormat } from './mtls/certificate-field.ts'

/** The checked option `dpop`. */
export interface DpopSettings {
  readonly mode: BindingMode
  readonly algorithms: readonly JwsAlgorithm[]
  readonly maxAge: Seconds
  readonly clockTolerance: Seconds
  readonly nonce: NonceSettings | undefined
  readonly onStoreFailure: 'refuse' | 'use_local'
}

export interface NonceSettings {
  readonly secret: Uint8Array
  readonly rotate: Seconds
}

/** The checked option `mtls`. */
export interface MtlsSettings {
  readonly mode: BindingMode
  readonly proxy: ProxySettings | undefined
}

export interface ProxySettings {
  /** In lower case. */
  readonly header: string
  readonly format: CertificateFormat
  readonly isTrusted: (peer: Peer, native: object) => unknown
}

const MODES = ['accept', 'require', 'report-only'] as const

export function checkDpop(value: unknown, option: string): DpopSettings {
  const from = typeof value === 'string' ? { mode: oneOf('off', ...MODES)(value, option) } : record(value, option, DPOP)
  return Object.freeze({
    mode: optional(from, option, 'mode', oneOf('off', ...MODES), 'accept'),
    algorithms: optional(from, option, 'algorithms', list(algorithm), DEFAULT_PROOF_ALGORITHMS),
    maxAge: optional(from, option, 'maxAge', number(1, 3600, 'seconds'), 60),
    clockTolerance: optional(from, option, 'clockTolerance', number(0, 300, 'seconds'), 15),
    nonce: optional(from, option, 'nonce', nonce, undefined),
    onStoreFailure: optional(from, option, 'onStoreFailure', oneOf('refuse', 'use_local'), 'refuse'),
  })
}

const DPOP = ['mode', 'algorithms', 'maxAge', 'clockTolerance', 'nonce', 'onStoreFailure']

const algorithm: Checker<JwsAlgorithm> = (value, option) => {
  if (!isJwsAlgorithm(value)) throw wrong(option, value, 'the name of an asymmetric JWS algorithm')
  return value
}

const nonce: Checker<NonceSettings | undefined> = (value, option) => {
  if (value === 'off') return undefined
  const from = record(value, option, ['secret', 'rotate'])
  return Object.freeze({
    secret: nonceSecret(from.secret, member(option, 'secret')),
    rotate: optional(from, option, 'rotate', number(1, 86_400, 'seconds'), 300),
  })
}

/** Whoever can guess it can make nonces. */
const MIN_SECRET_BYTES = 32

const nonceSecret: Checker<Uint8Array> = (value, option) => {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  if (!(bytes instanceof Uint8Array) || bytes.length < MIN_SECRET_BYTES) {
    throw new ConfigurationError(
      option,
      `must be at least ${MIN_SECRET_BYTES} random bytes, the same in all processes: a text, or a Uint8Array`,
    )
  }
  return Uint8Array.from(bytes)
}

export function checkMtls(value: unknown, option: string): MtlsSettings {
  const from =
    typeof value === 'string'
      ? { mode: oneOf('off', ...MODES)(value, option) }
      : record(value, option, ['mode', 'proxy'])
  return Object.freeze({
    mode: optional(from, option, 'mode', oneOf('off', ...MODES), 'accept'),
    proxy: optional(from, option, 'proxy', proxy, undefined),
  })
}

const proxy: Checker<ProxySettings> = (value, option) => {
  const from = record(value, option, ['header', 'format', 'isTrusted'])
  if (!Object.hasOwn(from, 'isTrusted')) {
    throw new ConfigurationError(
      member(option, 'isTrusted'),
      'is missing: which direct peers may speak for their clients? Anybody can send the field',
    )
  }
  return Object.freeze({
    header: optional(from, option, 'header', fieldName, 'client-cert'),
    format: optional(from, option, 'format', oneOf('rfc9440', 'der', 'pem', 'xfcc'), 'rfc9440'),
    isTrusted: func(from.isTrusted, member(option, 'isTrusted')) as ProxySettings['isTrusted'],
  })
}

/** `field-name = token` (RFC 9110 §5.1). */
const fieldName: Checker<string> = (value, option) => {
  if (typeof value !== 'string' || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) {
    throw wrong(option, value, 'the name of a header field')
  }
  return value.toLowerCase()
}

/** Where callers see this server: origins, with the path that a proxy takes away. */
export const publicUrls: Checker<readonly string[]> = (value, option) =>
  Array.isArray(value) ? list(publicUrl)(value, option) : Object.freeze([publicUrl(value, option)])

const publicUrl: Checker<string> = (value, option) => {
  const url = absoluteUrl(value, option)
  if (!isSecureUrl(url)) throw new ConfigurationError(option, 'must be https (http only on loopback)')
  if (/[?#]/.test(value as string)) throw new ConfigurationError(option, 'must not have a query or a fragment')
  // What parsers of the web forgive is not forgiven in a proof, and could never be named by one.
  if (!readTargetUri(value as string)) {
    throw new ConfigurationError(option, 'must be a URI of plain ASCII, without user information (RFC 3986)')
  }
  return value as string
}
