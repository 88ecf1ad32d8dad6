import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on loopback that records requests and responds as the test defines. */
export interface UpstreamServer {
  readonly url: string
  /** The requested targets, in order. */
  readonly requests: string[]
  /** Replace it to change the responses. */
  respond: (request: IncomingMessage, response: ServerResponse) => void
  stop(): Promise<void>
}

export async function createUpstreamServer(respond: UpstreamServer['respond'] = notFound): Promise<UpstreamServer> {
  const requests: string[] = []
  const onRequest: RequestListener = (request, response) => {
    requests.push(request.url ?? '')
    upstream.respond(request, response)
  }
  const server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: UpstreamServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respond,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return upstream
}

export function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
}

/** Responds with JSON documents by their path, and 404 otherwise. A document can be a function. */
export function documents(byPath: Readonly<Record<string, unknown>>): UpstreamServer['respond'] {
  return (request, response) => {
    const path = request.url ?? ''
    if (!Object.hasOwn(byPath, path)) return notFound(request, response)
    const document = byPath[path]
    const body = JSON.stringify(typeof document === 'function' ? document() : document)
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }
}
