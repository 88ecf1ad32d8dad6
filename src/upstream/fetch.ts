import type { MaybePromise } from '../util/maybe-promise.ts'
import { type Deadline, withDeadline } from './deadline.ts'
import { withoutDetails } from './redact-error.ts'
import type { Closing } from './shutdown.ts'
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface FetchBounds {
  readonly fetch: Fetch
  /** Milliseconds for the whole exchange, the body included. */
  readonly deadline: number
  /** The most bytes a body may have, counted after decompression. */
  readonly maxBytes: number
  /** Ends the exchange early, when the resource server is closed. */
  readonly closing: Closing
}

/** One question to an authorization server, and how its answer is read. */
export interface Exchange<T> {
  readonly url: string
  readonly method?: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Says whether an answer of this media type can be read; it comes in lower case and without parameters. */
  accepts(mediaType: string): boolean
  /** What a status other than 200 means here, where it is more than that. */
  faultOf?(status: number): UpstreamErrorCode | undefined
  /** @throws {UpstreamError} where the answer is not what it should be */
  read(text: string, headers: Headers): MaybePromise<T>
}

export interface JsonResponse {
  readonly json: unknown
  readonly headers: Headers
}

/** Gets a JSON document. */
export const jsonAt = (url: string): Exchange<JsonResponse> => ({
  url,
  headers: { accept: 'application/json, application/jwk-set+json' },
  accepts: isJson,
  read: (text, headers) => ({ json: parseJson(text), headers }),
})

export const isJson = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^application\/[^\s;]+\+json$/.test(mediaType)

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the body, so it goes no further.
    throw new UpstreamError('json', 'the body is not JSON')
  }
}

/**
 * Asks an authorization server, or throws an {@link UpstreamError}: never slower than the deadline, never larger than
 * the cap, never from another place than the one asked.
 */
export async function fetchFrom<T>(exchange: Exchange<T>, bounds: FetchBounds): Promise<T> {
  return withDeadline(bounds.deadline, bounds.closing, async (deadline) => {
    const response = await deadline.race(start(exchange, bounds.fetch, deadline.signal))
    checkHead(response, exchange)
    const text = await readText(response, bounds.maxBytes, deadline)
    return deadline.race(Promise.resolve(exchange.read(text, response.headers)))
  })
}

async function start(exchange: Exchange<unknown>, fetch: Fetch, signal: AbortSignal): Promise<Response> {
  const { url, method, headers, body } = exchange
  try {
    // No redirects: the place the answer comes from is configuration, and an upstream cannot move it.
    const response = await fetch(url, {
      ...(method && { method }),
      ...(body !== undefined && { body }),
      headers: { ...headers },
      redirect: 'manual',
      signal,
    })
    // A fetch that ignores the signal may bring an answer when nobody waits for it: its socket must not stay open.
    if (signal.aborted) await response.body?.cancel()
    return response
  } catch (cause) {
    // A fetch of the application may put the request into its errors, and what has a body holds secrets.
    throw new UpstreamError('network', 'the request did not get through', {
      cause: body === undefined ? cause : withoutDetails(cause),
    })
  }
}

function checkHead(response: Response, exchange: Exchange<unknown>): void {
  const { status, type } = response
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new UpstreamError('redirect', 'redirects are not followed', { status })
  }
  if (status !== 200) {
    const retryAfter = retryAfterOf(response.headers)
    throw new UpstreamError(exchange.faultOf?.(status) ?? 'status', `answered with status ${status}`, {
      status,
      retryAfter,
    })
  }
  const mediaType = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!exchange.accepts(mediaType)) {
    throw new UpstreamError('content_type', 'the Content-Type of the answer is not the one asked for', { status })
  }
}

/** Delay-seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const seconds = (Date.parse(value) - Date.now()) / 1000
  return seconds > 0 ? seconds : undefined
}

async function readText(response: Response, maxBytes: number, deadline: Deadline): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  try {
    // One race for all of the body: one for each chunk would hold on to memory a hundred times the size of the chunk.
    return await deadline.race(collect(reader, maxBytes))
  } catch (thrown) {
    reader.cancel().catch(() => undefined)
    if (thrown instanceof UpstreamError) throw thrown
    throw new UpstreamError('network', 'the body broke off', { cause: thrown })
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
