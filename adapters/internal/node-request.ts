import type { IncomingMessage } from 'node:http'
import type { Peer, ResourceRequest } from 'bearward'
import { fieldLines, peerAddress, peerCertificate } from './node-message.ts'

/** What `node:http` and the frameworks on it have in common of a request. */
interface NodeFrameworkRequest {
  readonly method?: string | undefined
  /** The method as received, where middleware such as method-override has changed `method`. */
  readonly originalMethod?: string
  readonly url?: string | undefined
  /** The target as received, where a router has changed `url`. */
  readonly originalUrl?: string
  readonly headers: IncomingMessage['headers']
  readonly body?: unknown
}

/**
 * A lazy view of a request on Node. A class, so that requests share the methods.
 */
export class NodeRequest<Native extends NodeFrameworkRequest> implements ResourceRequest<Native> {
  readonly native: Native
  readonly #message: IncomingMessage
  #authorization: readonly string[] | undefined

  constructor(native: Native, message: IncomingMessage) {
    this.native = native
    this.#message = message
  }

  get method(): string {
    return this.native.originalMethod ?? this.native.method ?? 'GET'
  }

  get target(): string {
    return this.native.originalUrl ?? this.native.url ?? '/'
  }

  get authorization(): readonly string[] {
    this.#authorization ??= this.headers('authorization')
    return this.#authorization
  }

  get contentType(): string | undefined {
    return this.native.headers['content-type']
  }

  /** The body as parsed by a body parser before the guard. */
  form(): Record<string, unknown> | undefined {
    return this.native.body as Record<string, unknown> | undefined
  }

  headers(name: string): readonly string[] {
    return fieldLines(name, this.native.headers[name], this.#message)
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(this.#message)
  }

  peer(): Peer {
    return { address: peerAddress(this.#message) }
  }
}
