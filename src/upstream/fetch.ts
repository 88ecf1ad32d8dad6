import { mediaTypeIn } from '../util/media-type.ts'
import { networkProblemOf, SENTENCES } from '../util/network-problem.ts'
import { type Deadline, withDeadline } from './deadline.ts'
import { redactError, secretsOf } from './redact-error.ts'
import type { Closing } from './shutdown.ts'
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface FetchBounds {
  readonly fetch: Fetch
  /** Milliseconds for the whole exchange, including the body. */
  readonly deadline: number
  /** Maximum bytes of a body, after decompression. */
  readonly maxBytes: number
  /** Ends the exchange when the resource server is closed. */
  readonly closing: Closing
}

/** One request to an authorization server, and how to read the response. */
export interface Exchange<T> {
  readonly url: string
  readonly method?: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** True if `read` supports this media type, in lower case and without parameters. Default: all, where the content decides. */
  accepts?(mediaType: string): boolean
  /** A more specific code than `status` for a status other than 200. */
  errorCodeFor?(status: number): UpstreamErrorCode | undefined
  /** @throws {UpstreamError} if the response is not as expected */
  read(text: string, headers: Headers): T | Promise<T>
}

export interface JsonResponse {
  readonly json: unknown
  readonly headers: Headers
  /** Characters of the body. */
  readonly size: number
}

/**
 * The exchange that fetches a public JSON document. Some servers send it as text, as a download, or without a type, as static
 * hosts do with `openid-configuration`: its content decides, whatever its media type.
 */
export const jsonAt = (url: string): Exchange<JsonResponse> => ({
  url,
  headers: { accept: 'application/json, application/jwk-set+json' },
  read: (text, headers) => ({ json: parseJson(text), headers, size: text.length }),
})

export const isJson = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^application\/[^\s;]+\+json$/.test(mediaType)

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    throw new UpstreamError('json', 'the body is not JSON')
  }
}

/**
 * Sends a request to an authorization server with a deadline and a size limit, and without following redirects.
 *
 * @throws {UpstreamError}
 */
export async function fetchFrom<T>(exchange: Exchange<T>, bounds: FetchBounds): Promise<T> {
  return withDeadline(bounds.deadline, bounds.closing, async (deadline) => {
    const response = await deadline.race(start(exchange, bounds.fetch, deadline.signal))
    try {
      checkHead(response, exchange)
    } catch (thrown) {
      // A fetch that ignores the signal would keep the socket open.
      response.body?.cancel().catch(() => undefined)
      throw thrown
    }
    const text = await readText(response, bounds.maxBytes, deadline, exchange)
    return deadline.race(Promise.resolve(exchange.read(text, response.headers)))
  })
}

/**
 * For Next.js, which replaces `fetch` and may answer from a cache that it keeps: `cache: 'no-store'` is the standard,
 * but it is sent on to the caches before the issuer, and old Workers throw.
 */
const UNCACHED = { next: { revalidate: 0 } }

async function start(exchange: Exchange<unknown>, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  const response = await send(exchange, fetch, signal)
  if (!isWebResponse(response)) throw new UpstreamError('network', 'fetch must return a web Response')
  // A fetch that ignores the signal may resolve after the abort: release its socket.
  if (signal.aborted) await response.body?.cancel()
  return response
}

async function send(exchange: Exchange<unknown>, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  const { url, method, headers, body } = exchange
  try {
    // No redirects: configuration decides where responses come from, not the upstream.
    return await fetch(url, {
      ...UNCACHED,
      ...(method && { method }),
      ...(body !== undefined && { body }),
      headers: { ...headers },
      redirect: 'manual',
      signal,
    })
  } catch (cause) {
    throw networkError(cause, exchange, 'the request failed')
  }
}

/** Other clients than fetch have responses of other kinds. */
const isWebResponse = (response: Partial<Response> | undefined): boolean =>
  typeof response?.headers?.get === 'function' && (!response.body || typeof response.body.getReader === 'function')

function networkError(thrown: unknown, exchange: Exchange<unknown>, what: string): UpstreamError {
  const network = networkProblemOf(thrown)
  const message = network === undefined ? what : `${what}: ${SENTENCES[network]}`
  // A custom fetch may put the request into its errors, and what it added to it.
  return new UpstreamError('network', message, { cause: redactError(thrown, secretsOf(exchange)), network })
}

function checkHead(response: Response, exchange: Exchange<unknown>): void {
  const { status, type } = response
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new UpstreamError('redirect', 'redirects are not followed', { status })
  }
  if (status !== 200) {
    const retryAfter = retryAfterOf(response.headers)
    throw new UpstreamError(exchange.errorCodeFor?.(status) ?? 'status', `responded with status ${status}`, {
      status,
      retryAfter,
    })
  }
  if (exchange.accepts?.(mediaTypeIn(response.headers.get('content-type'))) === false) {
    throw new UpstreamError('content_type', 'the Content-Type of the response is not accepted', { status })
  }
}

/** Delay-seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const seconds = (Date.parse(value) - Date.now()) / 1000
  return seconds > 0 ? seconds : undefined
}

async function readText(
  response: Response,
  maxBytes: number,
  deadline: Deadline,
  exchange: Exchange<unknown>,
): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  try {
    // One race for the whole body: a race per chunk retains memory a hundred times the size of the chunk.
    return await deadline.race(collect(reader, maxBytes))
  } catch (thrown) {
    reader.cancel().catch(() => undefined)
    if (thrown instanceof UpstreamError) throw thrown
    throw networkError(thrown, exchange, 'the body ended early')
  }
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decode(decoder)
    bytes += value.byteLength
    if (bytes > maxBytes) throw new UpstreamError('too_large', `the body is larger than ${maxBytes} bytes`)
    text += decode(decoder, value)
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new UpstreamError('json', 'the body is not UTF-8')
  }
}
