/** The part of a `node:http` request that the issuer needs. Structural, so that nothing from Node is imported. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: { destroy(): unknown }
}

/** The part of a `node:http` response that the issuer needs. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body?: Uint8Array): unknown
}

/** A `node:http` server that is not listening yet: `createServer()`. */
export interface NodeServer {
  listenerCount(event: 'request'): number
  on(event: 'request', listener: (request: NodeRequest, response: NodeResponse) => void): unknown
  once(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
  listen(port: number, host: string, listening: () => void): unknown
  address(): unknown
  close(closed: () => void): unknown
  closeAllConnections(): void
}

/** A request listener for `createServer()` of `node:http`. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void

/** Serves Node requests with a fetch handler. If the handler throws, the connection is closed. */
export function nodeListener(origin: () => string, handle: (request: Request) => Promise<Response>): NodeListener {
  return (incoming, outgoing) => {
    respond(origin(), incoming, outgoing, handle).catch(() => incoming.socket.destroy())
  }
}

async function respond(
  origin: string,
  incoming: NodeRequest,
  outgoing: NodeResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = incoming
  // No await without a body: the response must reflect the issuer's behavior when the request arrived.
  const body = method === 'POST' ? await bodyOf(incoming) : ''
  const lines = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    return typeof value === 'string' ? [[name, value]] : value.map((one): [string, string] => [name, one])
  })
  const init = { method, headers: lines, ...(body !== '' && { body }) }
  const response = await handle(new Request(`${origin}${url}`, init))
  const bytes = new Uint8Array(await response.arrayBuffer())
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(bytes)
}

async function bodyOf(incoming: NodeRequest): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of incoming) text += decoder.decode(chunk as Uint8Array, { stream: true })
  return text + decoder.decode()
}

/** A server that can be stopped, and started again on the same port. */
export interface Socket {
  readonly origin: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** Listens on a free loopback port. */
export async function openSocket(server: NodeServer): Promise<Socket> {
  let port = 0
  const start = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', reject)
        port = (server.address() as { port: number }).port
        resolve()
      })
    })
  await start()
  return {
    origin: `http://127.0.0.1:${port}`,
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
