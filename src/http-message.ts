/**
 * The view of a request that the core needs. An adapter creates one for each guard that a request passes, without copying.
 */
export interface ResourceRequest<Native extends object = object> {
  /**
   * The framework's own request. Guard functions receive it. Stacked guards share a decision by its identity; with another
   * credential or target, the same object is another request, and so it is with another proof, or another method where a
   * proof or a form body decides.
   */
  readonly native: Native
  /** The method as received, even if middleware has changed it since. */
  readonly method: string
  /** The request target as received: path and query, or an absolute URL. Its path and query are read. */
  readonly target: string
  /**
   * The lines of the `Authorization` header in order, one element per line. If a runtime joins lines with a comma, they
   * are one element, and the core detects that.
   */
  readonly authorization: readonly string[]
  /** The media type with its parameters, or `undefined`. Read only when form tokens are accepted. */
  readonly contentType: string | undefined
  /**
   * The form body: its text, or the members from a body parser, or `undefined` without one. Called only if form
   * tokens are accepted and the request can carry one. Text may be truncated beyond `limit` characters, since longer
   * bodies are refused.
   */
  form?(limit: number): FormBody | Promise<FormBody>
  /**
   * All lines of another header, by its lower-case name, one element per line. Called only if proof of possession is
   * checked, or with `credentials`; without this method, no token can be proven, nor found elsewhere.
   */
  headers?(name: string): readonly string[]
  /** The DER of the TLS certificate that the client of this connection authenticated with. */
  certificate?(): Uint8Array | undefined
  /** The other end of this connection, which may be a proxy. */
  peer?(): Peer
}

/** A form body: its text, or the members that a body parser made of it. */
export type FormBody = string | Readonly<Record<string, unknown>> | undefined

/**
 * An endpoint that this package provides, such as the metadata document. Every adapter mounts it with `endpoint()`, never
 * behind a guard.
 */
export interface Endpoint {
  /** The path of its URL, percent-encoded as in a request. Without it, the endpoint is wherever it is mounted. */
  readonly path?: string
  /** Called by the adapter that mounts it: challenges point to the metadata document only where it is served. */
  mounted?(): void
  /**
   * The response, or `undefined` if the request is for something else.
   *
   * @param target path and query of the request
   */
  respond(
    method: string,
    target: string,
    content: RequestContent,
  ): HttpResponse | Promise<HttpResponse | undefined> | undefined
}

/** What a request to an endpoint contains. */
export interface RequestContent {
  /** The lines of the `Authorization` header. */
  readonly authorization: readonly string[]
  /** The media type with its parameters. */
  readonly contentType: string | undefined
  /**
   * The body as text, which may be truncated beyond `limit` characters; or what a body parser that ran before has made of
   * it; `undefined` if the sender has not sent all of it, because a rejection is an error of the application. The sender is
   * not authenticated yet.
   */
  body(limit: number): Promise<RequestBody>
}

/** A body: its text, its bytes, or the value that a parser made of it; `undefined` without a body. */
export type RequestBody = string | Uint8Array | Readonly<Record<string, unknown>> | undefined

/** The other end of a connection. */
export interface Peer {
  /** Its IP address; IPv4-mapped IPv6 addresses are converted to IPv4. `undefined` if the runtime hides it. */
  readonly address: string | undefined
}

/** Response headers by name. */
export type ResponseHeaders = Readonly<Record<string, string>>

/** A complete response, which an adapter writes unchanged. */
export interface HttpResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
}
