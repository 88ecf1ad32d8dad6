/** As much of a request of `node:http` as it takes to answer it; structural, so that nothing of Node is imported. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: { destroy(): unknown }
}

/** As much of a response of `node:http` as it takes to answer. */
export interface NodeResponse {
  writeHead(status: number, fields: Record<string, string>): unknown
  end(body?: Uint8Array): unknown
}

/** A server of `node:http`, not listening yet: `createServer()`. */
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

/** What `createServer()` of `node:http` takes, and calls for each request. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void

/** Answers requests of Node's server with a function from request to response; what that throws ends the connection. */
export function nodeListener(origin: () => string, answer: (request: Request) => Promise<Response>): NodeListener {
  return (incoming, outgoing) => {
    respond(origin(), incoming, outgoing, answer).catch(() => incoming.socket.destroy())
  }
}

async function respond(
  origin: string,
  incoming: NodeRequest,
  outgoing: NodeResponse,
  answer: (request: Request) => Promise<Response>,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = incoming
  // Without a wait where there is none: the answer is what holds when the request arrives.
  const body = method === 'POST' ? await bodyOf(incoming) : ''
  const fields = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    return typeof value === 'string' ? [[name, value]] : value.map((one): [string, string] => [name, one])
  })
  const init = { method, headers: fields, ...(body !== '' && { body }) }
  const response = await answer(new Request(`${origin}${url}`, init))
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

/** A server that can be stopped, and started again at the same place. */
export interface Socket {
  readonly origin: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** Listens on a free port of loopback. */
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
