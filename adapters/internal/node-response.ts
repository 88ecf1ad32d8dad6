import type { ServerResponse } from 'node:http'
import type { HttpResponse } from 'bearward'

/** Writes a complete response. */
export function respond(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.statusCode = status
  setHeaders(response, headers)
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body)) // RFC 9110 §8.6
  response.end(body)
}

export function setHeaders(response: ServerResponse, headers: HttpResponse['headers'] | undefined): void {
  for (const name in headers) response.setHeader(name, headers[name] as string)
}

/** Whether nothing can be written any more: the response is complete, or the client is gone. */
export const isFinished = (response: ServerResponse): boolean =>
  response.writableEnded || response.destroyed || response.socket?.destroyed === true
