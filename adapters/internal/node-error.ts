import type { ServerResponse } from 'node:http'
import type { HttpResponse } from 'bearward'
import { logError } from './log-error.ts'
import { isFinished, writeResponse } from './node-response.ts'

/** What frameworks do with an error of the application, where there is no framework: log it, and respond with 500. */
export function respondToError(response: ServerResponse, error: unknown): void {
  logError(error)
  if (isFinished(response)) return
  // A part of a response must not pass for all of it; and a socket in its place has no headers.
  if (response.headersSent || typeof response.setHeader !== 'function') response.destroy()
  else writeResponse(response, INTERNAL_SERVER_ERROR)
}

export const INTERNAL_SERVER_ERROR: HttpResponse = {
  status: 500,
  headers: { 'Cache-Control': 'no-store' },
  body: '',
}
