import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Exchange } from '../exchange.ts'
import { connectionOf, type Tls, tlsOptions } from './tls.ts'

export interface WireRequest {
  readonly method: string
  /** The URL to connect to. */
  readonly url: URL
  /** The header lines to send. `Host` and `Content-Length` are added. */
  readonly headers: readonly Header[]
  readonly body?: string | undefined
  /** The `Host` to send, if it differs from the connection's, as a proxy would pass it on. */
  readonly host?: string
  /** For `https:`. */
  readonly tls?: Tls | undefined
}

type Header = readonly [name: string, value: string]

export interface WireResponse extends Pick<Exchange, 'request' | 'response' | 'tls'> {
  readonly status: number
  /** The lines of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>
}

const TIMEOUT = 10_000

/**
 * Sends a request and records both messages. All headers are ours, so that the page displays exactly what was sent:
 * `fetch` adds some, and joins lines of the same name.
 */
export async function transmit({
  method,
  url,
  headers,
  body,
  host = url.host,
  tls,
}: WireRequest): Promise<WireResponse> {
  const lines: readonly Header[] = [
    ['Host', host],
    ...headers,
    ...(body === undefined ? [] : ([['Content-Length', String(Buffer.byteLength(body))]] as const)),
    ['Connection', 'close'],
  ]
  const target = url.pathname + url.search
  const options = {
    hostname: url.hostname,
    port: url.port,
    family: 4, // all our sockets listen on IPv4
    method,
    path: target,
    headers: lines.flat(),
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT),
  }
  const outgoing = tls ? secureRequest({ ...options, ...tlsOptions(tls) }) : request(options)
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const connection = connectionOf(response.socket) // before the socket is closed
  const { statusCode: status = 0, httpVersion, statusMessage, rawHeaders } = response
  return {
    status,
    headers: response.headersDistinct as Record<string, string[]>,
    ...(connection && { tls: connection }),
    request: { start: `${method} ${target} HTTP/1.1`, headers: lines, body: body ?? '' },
    response: {
      start: `HTTP/${httpVersion} ${status} ${statusMessage}`,
      headers: inPairs(rawHeaders),
      body: await text(response),
    },
  }
}

/** Node lists raw headers as name, value, name, value. */
export function inPairs(raw: readonly string[]): Header[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
}
