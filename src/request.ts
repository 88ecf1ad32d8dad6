import type { MaybePromise } from './platform/maybe-promise.ts'

/**
 * What the core needs to see of a request: a view, not a copy. An adapter makes one per request from what its
 * framework has.
 */
export interface ResourceRequest<Native extends object = object> {
  /** The framework's own request. It is the identity under which a decision is remembered, and what own guard functions receive. */
  readonly native: Native
  readonly method: string
  /** The request target as it was received: path and query, or an absolute URL. Only its query is read. */
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
}
