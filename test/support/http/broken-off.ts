import type { Endpoint } from 'bearward'

/** A POST request whose body breaks off, as when the sender closes the connection. */
export function brokenOff(url: string, headers: Readonly<Record<string, string>>): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('a=b&acc'))
    },
    pull: (controller) => controller.error(new Error('aborted')),
  })
  const init = { method: 'POST', headers, body, duplex: 'half' }
  return new Request(url, init as RequestInit)
}

/** Responds with the type of the body that it gets. */
export const bodyType: Endpoint = {
  respond: async (_method, _target, { body }) => ({ status: 200, headers: {}, body: typeof (await body(100)) }),
}
