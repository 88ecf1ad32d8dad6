import type { ResourceRequest } from '../../http-message.ts'
import { isThenable } from '../../util/thenable.ts'
import type { MtlsSettings, ProxySettings } from '../settings.ts'
import { readThumbprint } from './certificate-field.ts'
import { thumbprintOf } from './thumbprint.ts'

/**
 * The thumbprint of the certificate for which a request's client has proven to hold the key, or `undefined`.
 *
 * From a trusted proxy only its header counts: the certificate of the connection is the proxy's own. From any other
 * peer only the connection counts: anyone can send the header (RFC 9440 §4).
 *
 * @throws whatever the predicate of the application throws
 */
export async function clientThumbprint(request: ResourceRequest, { proxy }: MtlsSettings): Promise<string | undefined> {
  if (proxy && isFromProxy(request, proxy)) return fromField(request, proxy)
  const certificate = request.certificate?.()
  return certificate && thumbprintOf(certificate)
}

function isFromProxy(request: ResourceRequest, { isTrusted }: ProxySettings): boolean {
  const response: unknown = isTrusted(request.peer?.() ?? UNKNOWN_PEER, request.native)
  // It would never count as true, and a rejection would go unnoticed.
  if (isThenable(response)) {
    Promise.resolve(response).catch(() => undefined)
    throw new TypeError('bearward: mtls.proxy.isTrusted() must return a boolean; it returned a promise')
  }
  return response === true
}

const UNKNOWN_PEER = Object.freeze({ address: undefined })

/**
 * The largest header value. Certificates have one or two kilobytes; proxies that have a limit have one near this, and so
 * has Node for all fields together.
 */
const MAX_FIELD_LENGTH = 16_384

async function fromField(
  request: ResourceRequest,
  { header: field, format }: ProxySettings,
): Promise<string | undefined> {
  const [line, another] = request.headers?.(field) ?? []
  // A proxy that adds its line to one that came from outside has let the caller speak for it.
  if (line === undefined || another !== undefined || line.length > MAX_FIELD_LENGTH) return undefined
  return readThumbprint(line, format)
}
