import type { HttpResponse, Refused } from 'bearward'

/**
 * The headers to set before an error is handed on: many error handlers send only its status and message, and a 401 without
 * a challenge is of no use to the client (RFC 9110 §15.5.2). Not the type of the body, which the handler writes.
 */
export function headersOfError({ response }: Refused): HttpResponse['headers'] {
  const { 'Content-Type': _, ...headers } = response.headers
  return headers
}
