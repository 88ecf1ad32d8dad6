import type { Peer } from 'bearward'
import { fieldLines, methodOf, type NodeMessage, peerAddress, peerCertificate, targetOf } from './node-message.ts'
import { WebRequest } from './web.ts'

/**
 * A `Request` of a framework that, on Node, knows Node's own request as well. That one keeps repeated header lines apart, and has
 * the method and the URL as received, whatever an application that mounts this one has made of them.
 */
export abstract class NodeWebRequest<Native extends object> extends WebRequest<Native> {
  /** `undefined` on other runtimes. */
  protected abstract get message(): NodeMessage | undefined

  override get method(): string {
    return methodOf(this.message) ?? super.method
  }

  override get target(): string {
    return targetOf(this.message) ?? super.target
  }

  override headers(name: string): readonly string[] {
    return fieldLines(name, this.request.headers.get(name), this.message)
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(this.message)
  }

  peer(): Peer {
    return { address: peerAddress(this.message) }
  }
}
