import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly target: string
  /** The `Authorization` lines, usually one. */
  readonly authorization: readonly string[]
}

/** The checked part of a response. */
export interface ApiResponse {
  readonly status: number
  /** The `WWW-Authenticate` lines. */
  readonly challenges: readonly string[]
  readonly retryAfter: string | undefined
  /** The `error` and `reason` members of the body. */
  readonly error: string | undefined
  readonly reason: string | undefined
}

const TIMEOUT = 10_000

/** Sends the request unchanged; `fetch` would join two Authorization lines. */
export async function send(url: string, { method, target, authorization }: ApiRequest): Promise<ApiResponse> {
  const outgoing = request(new URL(target, url), {
    method,
    headers: authorization.length > 0 ? { Authorization: [...authorization] } : {},
    agent: false, // one connection per request
    signal: AbortSignal.timeout(TIMEOUT),
  })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const { error, reason } = membersOf(await text(response))
  return {
    status: response.statusCode ?? 0,
    challenges: response.headersDistinct['www-authenticate'] ?? [],
    retryAfter: response.headers['retry-after'],
    error: typeof error === 'string' ? error : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
  }
}

/** Returns no members if the body is not a JSON object: the status shows that something is wrong. */
function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>
  } catch {
    return {}
  }
}
