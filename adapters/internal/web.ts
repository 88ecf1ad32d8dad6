import type { HttpResponse, RequestContent } from 'bearward'

/**
 * The body of a request as text, at most a little more than the limit: the caller is not authenticated yet. A clone is
 * read, so that the handler still has the body.
 */
export async function readText(request: Request, limit: number): Promise<string> {
  const reader = request.clone().body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (reader && text.length <= limit) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
  }
  // Not awaited: the promise settles only when the handler's half of the stream ends as well.
  reader?.cancel().catch(() => undefined)
  return text
}

export const toResponse = ({ status, headers, body }: HttpResponse): Response =>
  new Response(body === '' ? null : body, { status, headers: { ...headers } })

/** @param read the text of the body, up to a limit */
export const contentOf = (request: Request, read: (limit: number) => Promise<string>): RequestContent => ({
  contentType: request.headers.get('content-type') ?? undefined,
  body: async (limit) => (request.body === null ? undefined : read(limit)),
})
