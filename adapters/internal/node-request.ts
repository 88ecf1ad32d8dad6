import type { IncomingMessage } from 'node:http'
import type { FormBody, Peer, ResourceRequest } from 'bearward'
import { fieldLines, type NodeMessage, peerAddress, peerCertificate } from './node-message.ts'

/** What `node:http` and the frameworks on it have in common of a request. */
export interface NodeFrameworkRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** The target as received, where a router has changed `url`. */
  readonly originalUrl?: string
  readonly headers: IncomingMessage['headers']
  readonly body?: unknown
}

/**
 * A lazy view of a request on Node. A class, so that requests share the methods.
 */
export class NodeRequest<Native extends object> implements ResourceRequest<Native> {
  readonly native: Native
  protected readonly request: NodeFrameworkRequest
  readonly #message: IncomingMessage & NodeMessage
  #authorization: readonly string[] | undefined

  /** @param request what has method, target and headers, if that is not the framework's own request */
  constructor(native: Native & NodeFrameworkRequest, message: IncomingMessage)
  constructor(native: Native, message: IncomingMessage, request: NodeFrameworkRequest)
  constructor(native: Native, message: IncomingMessage, request = native as NodeFrameworkRequest) {
    this.native = native
    this.request = request
    this.#message = message
  }

  // Of Node's own request first: it has what was received before the framework of this request got it.
  get method(): string {
    return this.#message.originalMethod ?? this.request.method ?? 'GET'
  }

  get target(): string {
    const target = this.#message.originalUrl ?? this.request.originalUrl ?? this.request.url ?? '/'
    // Some middleware puts a parsed URL in place of the text.
    return (target as Partial<URL> & string).href ?? target
  }

  get authorization(): readonly string[] {
    this.#authorization ??= this.headers('authorization')
    return this.#authorization
  }

  get contentType(): string | undefined {
    return this.request.headers['content-type']
  }

  /** The body as parsed by a body parser before the guard. */
  form(_limit: number): FormBody | Promise<FormBody> {
    return this.request.body as FormBody
  }

  headers(name: string): readonly string[] {
    return fieldLines(name, this.request.headers[name], this.#message)
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(this.#message)
  }

  peer(): Peer {
    return { address: peerAddress(this.#message) }
  }
}
