import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Exchange } from '../exchange.ts'
import { connectionOf, type Tls, tlsOptions } from './tls.ts'

export interface WireRequest {
  readonly method: string
  /** Where the connection goes. */
  readonly url: URL
  /** The fields as they are to be sent, one line each. `Host` and the length of the body are added. */
  readonly fields: readonly Field[]
  readonly body?: string | undefined
  /** The `Host` to send, where it is not that of the connection: what a proxy passes on. */
  readonly host?: string
  /** For `https:`. */
  readonly tls?: Tls | undefined
}

type Field = readonly [name: string, value: string]

export interface WireAnswer extends Pick<Exchange, 'request' | 'answer' | 'tls'> {
  readonly status: number
  /** Each line under a name, in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>
}

const PATIENCE = 10_000

/**
 * Sends a request and keeps both messages as they went. All fields are ours to the last one, so that what is shown is
 * what was sent; `fetch` adds some, and joins two lines of one name.
 */
export async function transmit({ method, url, fields, body, host = url.host, tls }: WireRequest): Promise<WireAnswer> {
  const lines: readonly Field[] = [
    ['Host', host],
    ...fields,
    ...(body === undefined ? [] : ([['Content-Length', String(Buffer.byteLength(body))]] as const)),
    ['Connection', 'close'],
  ]
  const target = url.pathname + url.search
  const options = {
    hostname: url.hostname,
    port: url.port,
    family: 4, // where all of our sockets listen
    method,
    path: target,
    headers: lines.flat(),
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
  }
  const outgoing = tls ? secureRequest({ ...options, ...tlsOptions(tls) }) : request(options)
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const connection = connectionOf(response.socket) // afterwards it is closed, and tells nothing
  const { statusCode: status = 0, httpVersion, statusMessage, rawHeaders } = response
  return {
    status,
    headers: response.headersDistinct as Record<string, string[]>,
    ...(connection && { tls: connection }),
    request: { start: `${method} ${target} HTTP/1.1`, fields: lines, body: body ?? '' },
    answer: {
      start: `HTTP/${httpVersion} ${status} ${statusMessage}`,
      fields: inPairs(rawHeaders),
      body: await text(response),
    },
  }
}

/** Node lists raw fields as name, value, name, value. */
export function inPairs(raw: readonly string[]): Field[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
}
