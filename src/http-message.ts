import type { MaybePromise } from './util/maybe-promise.ts'

/**
 * What the core needs to see of a request: a view, not a copy. An adapter makes one per request from what its
 * framework has.
 */
export interface ResourceRequest<Native extends object = object> {
  /** The framework's own request. It is the identity under which a decision is remembered, and what own guard functions receive. */
  readonly native: Native
  readonly method: string
  /** The request target as it was received: path and query, or an absolute URL. Its path and its query are read. */
  readonly target: string
  /**
   * The `Authorization` field lines in order, one element a line. A runtime that joins lines with a comma gives one
   * element; the core tells the difference.
   */
  readonly authorization: readonly string[]
  /** The media type with its parameters, or `undefined`. Read only when form tokens are accepted. */
  readonly contentType: string | undefined
  /**
   * The form body: its text, or the members a body parser made of it, or `undefined` where there is none. Called only
   * when form tokens are accepted and the request can carry one. A text may be cut off behind `limit` characters: what
   * is longer is refused anyway.
   */
  form?(limit: number): MaybePromise<string | Readonly<Record<string, unknown>> | undefined>
  /**
   * All lines of another field, by its name in lower case, one element a line. Called only for tokens whose proof of
   * possession is looked for: where it is missing, none can be proven.
   */
  headers?(name: string): readonly string[]
  /** The DER of the certificate with which the client of this very connection has authenticated itself in TLS. */
  certificate?(): Uint8Array | undefined
  /** Who is at the other end of this connection, which may be a proxy. */
  peer?(): Peer
}

/** The other end of a connection. */
export interface Peer {
  /** Its IP address; an IPv4 address in IPv6 form is given as IPv4. `undefined` where the runtime does not tell. */
  readonly address: string | undefined
}

/** Response fields by their names. */
export type ResponseHeaders = Readonly<Record<string, string>>

/** A complete answer to a request: what an adapter writes, unchanged. */
export interface HttpResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}
