import type { Endpoint, FormBody, HttpResponse, RequestBody, ResourceRequest } from 'bearward'

/** A lazy view of a `Request`. A class, so that requests share the methods. */
export abstract class WebRequest<Native extends object> implements ResourceRequest<Native> {
  readonly native: Native
  protected readonly request: Request
  #authorization: readonly string[] | undefined

  /** @param native what handlers of the framework get */
  constructor(native: Native, request: Request) {
    this.native = native
    this.request = request
  }

  get method(): string {
    return this.request.method
  }

  get target(): string {
    return this.request.url
  }

  get authorization(): readonly string[] {
    this.#authorization ??= this.headers('authorization')
    return this.#authorization
  }

  get contentType(): string | undefined {
    return this.request.headers.get('content-type') ?? undefined
  }

  abstract form(limit: number): Promise<FormBody>

  /** `Headers` joins several lines with a comma, which the core detects. */
  headers(name: string): readonly string[] {
    const value = this.request.headers.get(name)
    return value === null ? [] : [value]
  }
}

/**
 * The body of a request as text. Of a stream, at most a little more than the limit: the caller is not authenticated yet. A clone
 * is read, so that the handler still has the body. `undefined` if the sender has not sent all of it.
 */
export async function readText(request: Request, limit: number): Promise<string | undefined> {
  const copy = request.clone()
  const reader = copy.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    // Runtimes whose bodies are no streams, such as service workers of Firefox. It would pass for an empty form.
    if (copy.body === undefined) return await copy.text()
    while (reader && text.length <= limit) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // The connection has ended. Anyone can do that, so it is no error of the application, which would be logged.
    return undefined
  }
  // Not awaited: the promise settles only when the handler's half of the stream ends as well.
  reader?.cancel().catch(() => undefined)
  return text
}

/** Without its body, nothing tells whether the request carries a second credential (RFC 6750 §2). */
export async function readUnused(request: Request, limit: number): Promise<string | undefined> {
  if (request.bodyUsed || request.body?.locked) throw new Error(BODY_USED)
  return readText(request, limit)
}

/** What was read of a form. One that has no end is refused: what is missing may be a second credential. */
export const formOf = async (text: Promise<FormBody>): Promise<FormBody> => (await text) ?? INTERRUPTED

const INTERRUPTED: FormBody = { access_token: undefined }

const BODY_USED =
  'bearward: guards with formTokens, and endpoints, must run before the body is read; or read the body from request.clone()'

export const toResponse = ({ status, headers, body }: HttpResponse): Response =>
  new Response(body === '' ? null : body, { status, headers: { ...headers } })

/**
 * The response of an endpoint, or `undefined` if the request is for something else.
 *
 * @param read the body: its text up to a limit, or what was parsed before
 */
export async function respondTo(
  endpoint: Endpoint,
  request: Request,
  read: (limit: number) => Promise<RequestBody>,
): Promise<Response | undefined> {
  const { pathname, search } = new URL(request.url)
  const authorization = request.headers.get('authorization')
  const response = await endpoint.respond(request.method, pathname + search, {
    authorization: authorization === null ? [] : [authorization],
    contentType: request.headers.get('content-type') ?? undefined,
    body: async (limit) => (request.body === null ? undefined : read(limit)),
  })
  return response && toResponse(response)
}
