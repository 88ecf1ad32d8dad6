import type { ResourceRequest } from '../../http-message.ts'
import { isPromise, type MaybePromise } from '../../util/maybe-promise.ts'
import type { MtlsSettings, ProxySettings } from '../settings.ts'
import { readThumbprint } from './certificate-field.ts'
import { thumbprintOf } from './thumbprint.ts'

/**
 * The thumbprint of the certificate for which a request's client has proven to hold the key, or `undefined`.
 *
 * From a trusted proxy only its field counts: the certificate of the connection is the proxy's own. From anybody else
 * only the connection counts: everybody can write a field (RFC 9440 §4).
 *
 * @throws whatever the predicate of the application throws
 */
export function clientThumbprint(request: ResourceRequest, { proxy }: MtlsSettings): MaybePromise<string | undefined> {
  if (proxy && isFromProxy(request, proxy)) return fromField(request, proxy)
  const certificate = request.certificate?.()
  return certificate && thumbprintOf(certificate)
}

function isFromProxy(request: ResourceRequest, { isTrusted: trusts }: ProxySettings): boolean {
  const response: unknown = trusts(request.peer?.() ?? UNKNOWN_PEER, request.native)
  // It would never be trusted, and nobody would hear of the error in it.
  if (isPromise(response)) {
    Promise.resolve(response).catch(() => undefined)
    throw new TypeError('bearward: mtls.proxy.isTrusted() must answer at once; it returned a promise')
  }
  return response === true
}

const UNKNOWN_PEER = Object.freeze({ address: undefined })

/**
 * The largest field value. Certificates have one or two kilobytes; proxies that have a limit have one near this, and so
 * has Node for all fields together.
 */
const MAX_FIELD_LENGTH = 16_384

function fromField(
  request: ResourceRequest,
  { header: field, format }: ProxySettings,
): MaybePromise<string | undefined> {
  const [line, another] = request.headers?.(field) ?? []
  // A proxy that adds its line to one that came from outside has let the caller speak for it.
  if (line === undefined || another !== undefined || line.length > MAX_FIELD_LENGTH) return undefined
  return readThumbprint(line, format)
}
