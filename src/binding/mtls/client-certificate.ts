import type { MtlsSettings } from '../../options/binding-options.ts'
import type { ResourceRequest } from '../../request.ts'
import { readCertificate } from './certificate-field.ts'

/**
 * The certificate that a request's client has proven to hold a key for, as DER.
 *
 * From a trusted proxy only its field counts: the certificate of the connection is the proxy's own. From anybody else
 * only the connection counts: everybody can write a field (RFC 9440 §4).
 */
export function clientCertificate(request: ResourceRequest, { proxy }: MtlsSettings): Uint8Array | undefined {
  // Only `true` is trust: a promise, which is truthy, is a predicate that has not answered.
  const isTrusted = proxy?.trusts(request.peer?.() ?? NOBODY, request.native) === true
  if (!proxy || !isTrusted) return request.certificate?.()
  const [line, another] = request.fields?.(proxy.field) ?? []
  // A proxy that adds its line to one that came from outside has let the caller speak for it.
  if (line === undefined || another !== undefined) return undefined
  return readCertificate(line.trim(), proxy.format)
}

const NOBODY = Object.freeze({ address: undefined })
