import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpResponse } from 'bearward'

const ignore = (): void => undefined

/**
 * Runs `decide` while nothing else listens for errors of the socket: Node has removed its own listener before the `upgrade`
 * event, so that a client that resets the connection would end the process. Later listeners are the caller's.
 */
export async function withErrorListener<T>(socket: Duplex, decide: () => Promise<T>): Promise<T> {
  socket.on('error', ignore)
  try {
    return await decide()
  } finally {
    if (!socket.destroyed) socket.off('error', ignore)
  }
}

/** Writes a response in place of `101 Switching Protocols` (RFC 9110 §7.8), and closes the connection. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: HttpResponse): void {
  // Stays: a client that is gone before it has read the response is no error of ours.
  socket.on('error', ignore)
  // An earlier request on the connection still waits for its response, which this one would break into.
  const busy = (socket as { _httpMessage?: unknown })._httpMessage
  if (busy || !socket.writable) {
    socket.destroy()
    return
  }
  const lines = Object.entries({
    ...headers,
    Date: new Date().toUTCString(), // RFC 9110 §6.6.1
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  // A client that does not close its half must not hold the connection open.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}
