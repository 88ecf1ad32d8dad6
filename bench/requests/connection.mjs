import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * As little of an HTTP client as this needs. A complete one takes more time for a request than some of the servers that
 * are measured with it, and would be what limits them.
 *
 * @typedef {object} Response
 * @property {number} status
 * @property {string} body as it came: with its chunk sizes where it has some
 *
 * @typedef {object} Connection
 * @property {(path: string, token?: string) => Promise<Response>} send one at a time; opens the connection where it is not
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
      const field = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
      const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${field}\r\n`
      const idle = link
      if (!idle) return (await open()).send(request)
      try {
        return await idle.send(request)
      } catch (error) {
        // Servers end connections that have been idle for some seconds, also in the very moment in which a request is on
        // its way. As long as none of an answer has arrived it may be sent again (RFC 9112 §9.3.1), on a new one.
        if (!(error instanceof ClosedUnanswered)) throw error
        return (await open()).send(request)
      }
    },
    close: () => link?.close(),
  }
}

class ClosedUnanswered extends Error {}

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
  socket.on('end', onEnd) // before it closes: what is written from now on is lost
  socket.on('error', () => {}) // it closes as well
  socket.on('close', () => {
    onEnd()
    const text = `port ${port} has closed the connection`
    waiting?.reject(received === '' ? new ClosedUnanswered(text) : new Error(`${text} in the middle of an answer`))
    waiting = undefined
  })
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (!socket.writable) return reject(new ClosedUnanswered(`port ${port} has closed the connection`))
        waiting = { resolve, reject }
        socket.write(request, 'latin1')
      }),
    close: () => socket.destroy(),
  }
}

/**
 * The response, once all of it is there.
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
  return isComplete ? { status: Number(head.slice(9, 12)), body } : undefined
}
