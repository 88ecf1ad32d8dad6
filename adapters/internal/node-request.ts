import type { IncomingMessage } from 'node:http'
import type { Peer, ResourceRequest } from 'bearward'
import { fieldLines, peerAddress, peerCertificate } from './node-message.ts'

/** What Express and Fastify have in common of a request. */
interface NodeFrameworkRequest {
  readonly method: string
  readonly originalUrl: string
  readonly headers: IncomingMessage['headers']
  readonly body?: unknown
}

/** A view of a request on Node. A class, so that the methods are shared and a request costs one small object. */
export class NodeRequest<Native extends NodeFrameworkRequest> implements ResourceRequest<Native> {
  readonly native: Native
  readonly method: string
  readonly target: string
  readonly authorization: readonly string[]
  readonly contentType: string | undefined
  readonly #message: IncomingMessage

  constructor(native: Native, message: IncomingMessage) {
    const { headers } = native
    this.native = native
    this.method = native.method
    this.target = native.originalUrl
    this.authorization = fieldLines('authorization', headers.authorization, message)
    this.contentType = headers['content-type']
    this.#message = message
  }

  /** What a body parser that ran before the guard has made of the body. */
  form(): Record<string, unknown> | undefined {
    return this.native.body as Record<string, unknown> | undefined
  }

  fields(name: string): readonly string[] {
    return fieldLines(name, this.native.headers[name], this.#message)
  }

  certificate(): Uint8Array | undefined {
    return peerCertificate(this.#message)
  }

  peer(): Peer {
    return { address: peerAddress(this.#message) }
  }
}
