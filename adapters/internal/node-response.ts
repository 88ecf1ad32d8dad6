import console from 'node:console'
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

/** What frameworks do with an error of the application, where there is no framework: log it, and respond with 500. */
export function respondToError(response: ServerResponse, error: unknown): void {
  logError(error)
  if (isFinished(response)) return
  // A part of a response must not pass for all of it; and a socket in its place has no headers.
  if (response.headersSent || typeof response.setHeader !== 'function') response.destroy()
  else respond(response, INTERNAL_SERVER_ERROR)
}

/** Where there is no framework that logs it, an error of the application must not go unseen. */
export const logError = (error: unknown): void => console.error(error)

export const INTERNAL_SERVER_ERROR: HttpResponse = {
  status: 500,
  headers: { 'Cache-Control': 'no-store' },
  body: '',
}
