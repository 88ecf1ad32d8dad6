// AWS Lambda behind API Gateway, with events of HTTP APIs (payload format 2.0) and of REST APIs (1.0).
//
// The settings of the function: ISSUER and RESOURCE. Deploy it as one file, with `handler` as the handler.

// The module with the resource server is loaded once: keys and verified tokens are kept from one invocation to the next.
import { app } from './orders-app.ts'
import { resource } from './settings.ts'

/** The parts of an event that are used; `@types/aws-lambda` has all. */
export type ApiEvent = HttpApiEvent | RestApiEvent

interface HttpApiEvent {
  readonly version: '2.0'
  readonly rawPath: string
  readonly rawQueryString: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly requestContext: { readonly http: { readonly method: string } }
  readonly body?: string | undefined
  readonly isBase64Encoded: boolean
}

interface RestApiEvent {
  readonly httpMethod: string
  readonly path: string
  // Not `headers` and `queryStringParameters`: those have only the last of several.
  readonly multiValueHeaders: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly body: string | null
  readonly isBase64Encoded: boolean
}

export async function handler(event: ApiEvent) {
  const response = await app(
    'version' in event && event.version === '2.0' ? ofHttpApi(event) : ofRestApi(event as RestApiEvent),
  )
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  }
}

// Several lines of one header are joined by commas here, and the guard refuses a second Authorization.
function ofHttpApi({ requestContext, rawPath, rawQueryString, headers, ...content }: HttpApiEvent): Request {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return requestOf(requestContext.http.method, rawPath, rawQueryString, lines, content)
}

function ofRestApi({ httpMethod, path, multiValueHeaders, ...event }: RestApiEvent): Request {
  const query = new URLSearchParams(pairsOf(event.multiValueQueryStringParameters))
  return requestOf(httpMethod, path, query.toString(), pairsOf(multiValueHeaders), event)
}

const pairsOf = (record: Readonly<Record<string, readonly string[] | undefined>> | null) =>
  Object.entries(record ?? {}).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]))

function requestOf(
  method: string,
  path: string,
  query: string,
  headers: readonly (readonly [string, string])[],
  { body, isBase64Encoded }: Pick<ApiEvent, 'body' | 'isBase64Encoded'>,
): Request {
  const all = new Headers()
  for (const [name, value] of headers) all.append(name, value)
  const content = body && (isBase64Encoded ? Buffer.from(body, 'base64') : body)
  // The origin is ours: the Host header of a request says what its sender likes.
  const url = `${new URL(resource).origin}${path}${query && `?${query}`}`
  return new Request(url, {
    method,
    headers: all,
    ...(content && !['GET', 'HEAD'].includes(method) && { body: content }),
  })
}
