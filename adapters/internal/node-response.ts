import type { ServerResponse } from 'node:http'
import type { HttpResponse } from 'bearward'
import { logError } from './log-error.ts'

/**
 * Writes a complete response, unless the client is gone. It reads little of the response, because on Express, each inherited getter
 * is slow. The status is set, and `end()` writes the headers, as Express does: middleware that wraps `end` or `writeHead` may
 * still change both.
 *
 * @returns false if something else has responded
 */
export function writeResponse(response: ServerResponse, { status, headers, body }: HttpResponse): boolean {
  // Imitations of Node's responses may have ended without headers.
  if (response.headersSent || response.writableEnded) return false
  if (isGone(response)) return true
  writeOrClose(response, () => {
    response.statusCode = status
    for (const name in headers) response.setHeader(name, headers[name] as string)
    if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body)) // RFC 9110 §8.6
    response.end(takesBody(response) ? body : undefined)
  })
  return true
}

/**
 * Node throws for a body in the response to HEAD with `rejectNonStandardBodyWrites`. What counts is the method that it has
 * received, since without a body that was announced, the client would take the next response for it.
 */
const takesBody = (response: ServerResponse): boolean => (response as { _hasBody?: boolean })._hasBody !== false

/**
 * Sets headers of a response that the handler will write.
 *
 * @returns false if that failed: then the connection is closed, and there is nothing left to do
 */
export function setHeaders(response: ServerResponse, headers: HttpResponse['headers'] | undefined): boolean {
  if (!headers || response.headersSent) return true
  return writeOrClose(response, () => {
    for (const name in headers) response.setHeader(name, headers[name] as string)
  })
}

/**
 * Errors while writing go to no error handler: it would write to the same response, and fail in the same way, where nothing
 * catches that.
 */
export function writeOrClose(response: { destroy(): unknown }, write: () => void): boolean {
  try {
    write()
    return true
  } catch (thrown) {
    logError(thrown)
    response.destroy()
    return false
  }
}

/** Whether nothing can be written any more: the response is complete, or the client is gone. */
export const isFinished = (response: ServerResponse): boolean => response.writableEnded || isGone(response)

const isGone = ({ destroyed, socket }: ServerResponse): boolean => destroyed || socket?.destroyed === true
