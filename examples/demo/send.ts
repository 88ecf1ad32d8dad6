import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly target: string
  /** One field line each; usually one. */
  readonly authorization: readonly string[]
}

/** What is looked at of an answer. */
export interface ApiAnswer {
  readonly status: number
  /** The `WWW-Authenticate` field lines. */
  readonly challenges: readonly string[]
  readonly retryAfter: string | undefined
  /** The `error` and `reason` members of the body. */
  readonly error: string | undefined
  readonly reason: string | undefined
}

const PATIENCE = 10_000

/** Sends a request as it is; `fetch` would join two Authorization lines into one. */
export async function send(url: string, { method, target, authorization }: ApiRequest): Promise<ApiAnswer> {
  const outgoing = request(new URL(target, url), {
    method,
    headers: authorization.length > 0 ? { Authorization: [...authorization] } : {},
    agent: false, // a connection each, closed at once
    signal: AbortSignal.timeout(PATIENCE),
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

/** A body that is no JSON object has no members; the status tells that something is wrong. */
function membersOf(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>
  } catch {
    return {}
  }
}
