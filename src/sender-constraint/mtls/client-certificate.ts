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
  if (proxy && isTrusted(request, proxy)) return fromField(request, proxy)
  const certificate = request.certificate?.()
  return certificate && thumbprintOf(certificate)
}

function isTrusted(request: ResourceRequest, { trusts }: ProxySettings): boolean {
  const answer: unknown = trusts(request.peer?.() ?? NOBODY, request.native)
  // It would never be trusted, and nobody would hear of the error in it.
  if (isPromise(answer)) {
    Promise.resolve(answer).catch(() => undefined)
    throw new TypeError('bearward: mtls.proxy.trusts() must answer at once; it returned a promise')
  }
  return answer === true
}

const NOBODY = Object.freeze({ address: undefined })

/**
 * The largest field value. Certificates have one or two kilobytes; proxies that have a limit have one near this, and so
 * has Node for all fields together.
 */
const LARGEST = 16_384

function fromField(request: ResourceRequest, { field, format }: ProxySettings): MaybePromise<string | undefined> {
  const [line, another] = request.fields?.(field) ?? []
  // A proxy that adds its line to one that came from outside has let the caller speak for it.
  if (line === undefined || another !== undefined || line.length > LARGEST) return undefined
  return readThumbprint(line, format)
}
