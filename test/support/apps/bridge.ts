import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** The least that turns bytes into a `Request`: several lines of one field are joined, as `Headers` does. */
export function bridge(fetch: (request: Request) => Response | Promise<Response>): RequestListener {
  return (incoming, response) => {
    answer(fetch, incoming, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  }
}

async function answer(
  fetch: (request: Request) => Response | Promise<Response>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] as string, incoming.rawHeaders[at + 1] as string)
  }
  const method = incoming.method ?? 'GET'
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`)
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks)
  const answered = await fetch(new Request(url, { method, headers, body }))
  for (const [name, value] of answered.headers) response.appendHeader(name, value)
  response.writeHead(answered.status).end(Buffer.from(await answered.arrayBuffer()))
}
