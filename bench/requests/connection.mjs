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
 * @property {(token?: string) => Promise<Response>} send one at a time; opens the connection where it is not
 * @property {() => void} close
 */

const HEAD = 'GET /orders HTTP/1.1\r\nHost: 127.0.0.1\r\n'

/**
 * @param {number} port
 * @returns {Connection}
 */
export function createConnection(port) {
  /** @type {import('node:net').Socket | undefined} */
  let socket
  let received = ''
  /** @type {{ resolve(response: Response): void, reject(error: Error): void } | undefined} */
  let waiting

  async function open() {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
    await once(opened, 'connect')
    opened.on('data', (chunk) => {
      received += chunk
      const response = complete(received)
      if (!response) return
      received = ''
      waiting?.resolve(response)
    })
    opened.on('error', () => {}) // it closes as well
    opened.on('close', () => {
      socket = undefined // servers do that to connections that are not used for some seconds
      waiting?.reject(new Error(`port ${port} has closed the connection`))
    })
    socket = opened
  }

  return {
    async send(token) {
      if (!socket) await open()
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket?.write(token === undefined ? `${HEAD}\r\n` : `${HEAD}Authorization: Bearer ${token}\r\n\r\n`, 'latin1')
      })
    },
    close: () => socket?.destroy(),
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
