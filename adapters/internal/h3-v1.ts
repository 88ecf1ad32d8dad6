import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FormBody, HttpResponse, RequestContent } from 'bearward'
import { contentOf, readText } from './node-content.ts'
import { NodeRequest } from './node-request.ts'
import { writeResponse } from './node-response.ts'
import { formOf, readUnused } from './web.ts'

/** Where h3 keeps what `readBody` and `readRawBody` have read. */
const READ_BEFORE = Symbol.for('h3RawBody')

/** The event of h3 1, which has Node's request and response, on other runtimes replacements for them. */
export interface H3v1Event {
  readonly node: {
    readonly req: IncomingMessage & { body?: unknown; rawBody?: unknown; readonly [READ_BEFORE]?: Promise<Uint8Array> }
    readonly res: ServerResponse
  }
  readonly web?: { readonly request?: Request }
}

/** On h3 2 the mark is a member of the class. */
export const isV1 = (event: object): event is H3v1Event => Object.hasOwn(event, '__is_event__')

export class H3v1Request extends NodeRequest<H3v1Event> {
  constructor(event: H3v1Event) {
    super(event, event.node.req, event.node.req)
  }

  /** h3 finds what was read in `rawBody`, so that the handler still has the body. */
  override async form(limit: number): Promise<FormBody> {
    const { node, web } = this.native
    if (web?.request) return formOf(readUnused(web.request, limit))
    if (isStream(node.req.body)) throw new Error(BODY_STREAM)
    if (node.req.body !== undefined) return node.req.body as FormBody
    const bytes = await node.req[READ_BEFORE]
    if (bytes) return new TextDecoder().decode(bytes)
    if (node.req.readableDidRead) throw new Error(BODY_READ)
    const text = await readText(node.req, limit)
    node.req.rawBody = text
    return formOf(Promise.resolve(text))
  }
}

/** Without Node, `body` of the imitated request is a stream, which only the request of the runtime can be read by. */
export const contentOfV1 = ({ node, web }: H3v1Event): RequestContent => {
  const content = contentOf(node.req, node.req.body)
  const request = web?.request
  if (request) return { ...content, body: (limit) => readUnused(request, limit) }
  const read = node.req[READ_BEFORE]
  return read ? { ...content, body: () => read } : content
}

const isStream = (body: unknown): boolean => typeof (body as ReadableStream | undefined)?.getReader === 'function'

// It would pass for an empty form, and a second credential would go unseen.
const BODY_STREAM =
  'bearward: guards with formTokens cannot read a body that is a stream, without the request that it belongs to'
const BODY_READ = 'bearward: guards with formTokens must run before the body is read'

/** h3 1 takes it for an error of its own, and does not log it. */
class Responded extends Error {
  static readonly __h3_error__ = true
  readonly statusCode: number

  constructor(status: number) {
    super('bearward: the guard has responded')
    this.statusCode = status
  }
}

/**
 * Responds, and throws: h3 1 goes on to the handler after a hook such as `onRequest` of `createApp()`, whether there is
 * a response or not.
 */
export function refuseV1({ node }: H3v1Event, response: HttpResponse): never {
  writeResponse(node.res, response)
  return stopV1(node.res, response.status)
}

/**
 * Ends a request whose response is written, or cannot be written. h3 1 tells the application's `onError`, and some, such as
 * Nitro's, set headers without asking whether there is a response. Node would throw, or emit an error, where nothing catches
 * it: the process would end.
 */
export function stopV1(response: ServerResponse, status: number): never {
  const ignored = () => response
  const isFinished = response.writableEnded || response.destroyed
  if (isFinished) Object.assign(response, { write: ignored, end: ignored })
  if (isFinished || response.headersSent)
    Object.assign(response, { setHeader: ignored, appendHeader: ignored, removeHeader: ignored, writeHead: ignored })
  throw new Responded(status)
}
