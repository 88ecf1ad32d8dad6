import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * A minimal HTTP client. A complete one takes more time per request than some of the measured servers, and would be the
 * bottleneck.
 *
 * @typedef {object} Response
 * @property {number} status
 * @property {string} head the status line and the headers
 * @property {string} body as received, including chunk sizes
 *
 * @typedef {object} Connection
 * @property {(path: string, token?: string) => Promise<Response>} send one at a time; opens the connection if necessary
 * @property {() => void} close
 */

/**
 * @param {number} port
 * @returns {Connection}
 */
export function createConnection(port) {
  /** The open connection, until either side ends it. @type {Link | undefined} */
  let link

  async function open() {
    const opened = await createLink(port, () => {
      if (link === opened) link = undefined
    })
    link = opened
    return opened
  }

  return {
    async send(path, token) {
      const header = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
      const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n`
      const idle = link
      if (!idle) return (await open()).send(request)
      try {
        return await idle.send(request)
      } catch (error) {
        // Servers close idle connections, sometimes while a request is being sent. If no part of a response has arrived,
        // the request may be retried on a new connection (RFC 9112 §9.3.1).
        if (!(error instanceof ClosedWithoutResponse)) throw error
        return (await open()).send(request)
      }
    },
    close: () => link?.close(),
  }
}

class ClosedWithoutResponse extends Error {}

/**
 * One connection, for as long as it lasts.
 *
 * @typedef {object} Link
 * @property {(request: string) => Promise<Response>} send one at a time
 * @property {() => void} close
 */

/**
 * @param {number} port
 * @param {() => void} onEnd called as soon as no further request can be sent
 * @returns {Promise<Link>}
 */
async function createLink(port, onEnd) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
  await once(socket, 'connect')
  let received = ''
  /** @type {{ resolve(response: Response): void, reject(error: Error): void } | undefined} */
  let waiting
  socket.on('data', (chunk) => {
    received += chunk
    const response = complete(received)
    if (!response) return
    received = ''
    waiting?.resolve(response)
    waiting = undefined
  })
  socket.on('end', onEnd) // before 'close': later writes would be lost
  socket.on('error', () => {}) // it closes as well
  socket.on('close', () => {
    onEnd()
    const text = `port ${port} has closed the connection`
    waiting?.reject(
      received === '' ? new ClosedWithoutResponse(text) : new Error(`${text} in the middle of a response`),
    )
    waiting = undefined
  })
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (!socket.writable) return reject(new ClosedWithoutResponse(`port ${port} has closed the connection`))
        waiting = { resolve, reject }
        socket.write(request, 'latin1')
      }),
    close: () => socket.destroy(),
  }
}

/**
 * The response, once it is complete.
 *
 * @param {string} received
 * @returns {Response | undefined}
 */
function complete(received) {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = received.slice(0, end)
  const body = received.slice(end + 4)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isComplete = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length)
  return isComplete ? { status: Number(head.slice(9, 12)), head, body } : undefined
}
