import type { ResourceRequest } from '../../http-message.ts'
import { notPromised } from '../../util/thenable.ts'
import type { MtlsSettings, ProxySettings } from '../settings.ts'
import { readThumbprint } from './certificate-field.ts'
import { thumbprintOf } from './thumbprint.ts'

/**
 * The thumbprint of the client certificate whose key the client proved to hold, or `undefined`.
 *
 * From a trusted proxy, only the header is read: the certificate of the connection is the proxy's own. From any other
 * peer, only the connection is read: anyone can send the header (RFC 9440 §4).
 *
 * @throws whatever `isTrusted()` throws
 */
export async function clientThumbprint(request: ResourceRequest, { proxy }: MtlsSettings): Promise<string | undefined> {
  if (proxy && isFromProxy(request, proxy)) return fromHeader(request, proxy)
  const certificate = request.certificate?.()
  return certificate && thumbprintOf(certificate)
}

const isFromProxy = (request: ResourceRequest, { isTrusted }: ProxySettings): boolean =>
  notPromised(isTrusted(request.peer?.() ?? UNKNOWN_PEER, request.native), 'mtls.proxy.isTrusted()') === true

const UNKNOWN_PEER = Object.freeze({ address: undefined })

/** Certificates take one or two kilobytes. Proxies have limits near this, and so does Node for all headers together. */
const MAX_HEADER_LENGTH = 16_384

async function fromHeader(request: ResourceRequest, { header, format }: ProxySettings): Promise<string | undefined> {
  const [line, another] = request.headers?.(header) ?? []
  // A second line means that the proxy forwarded one from the client.
  if (line === undefined || another !== undefined || line.length > MAX_HEADER_LENGTH) return undefined
  return readThumbprint(line, format)
}
