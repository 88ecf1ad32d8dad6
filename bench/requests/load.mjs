import { createConnection } from './connection.mjs'

// Milliseconds for one batch: many times the longest, but an end for one that never completes.
const TIMEOUT = 120_000

/**
 * A client of one server, with keep-alive connections and one request at a time on each.
 *
 * @typedef {object} Client
 * @property {(tokens: readonly (string | undefined)[], status: number, path: string) => Promise<number>} sendAll
 * @property {(path: string, token?: string) => Promise<import('./connection.mjs').Response>} send
 * @property {() => void} close
 */

/**
 * @param {number} port
 * @param {number} count of connections
 * @returns {Client}
 */
export function createClient(port, count) {
  const connections = Array.from({ length: count }, () => createConnection(port))
  const close = () => {
    for (const connection of connections) connection.close()
  }
  return {
    send: (path, token) => connections[0].send(path, token),
    /** Sends one request per token, fails on an unexpected response, and returns the milliseconds. */
    async sendAll(tokens, expected, path) {
      let next = 0
      const work = async (/** @type {import('./connection.mjs').Connection} */ connection) => {
        while (next < tokens.length) {
          const { status } = await connection.send(path, tokens[next++])
          if (status !== expected) throw new Error(`${path} responds with ${status} instead of ${expected}`)
        }
      }
      const rest = stayAwake()
      const tooLong = setTimeout(close, TIMEOUT)
      const began = performance.now()
      try {
        await Promise.all(connections.map(work))
        return performance.now() - began
      } finally {
        clearTimeout(tooLong)
        rest()
      }
    },
    close,
  }
}

/**
 * Keeps this process from sleeping between two responses. Waking a sleeping client is work of the kernel that counts for
 * the server, and a fast server, whose client always has something to do, would not pay for it.
 *
 * @returns {() => void} lets it sleep again
 */
function stayAwake() {
  let awake = true
  const turn = () => {
    if (awake) setImmediate(turn)
  }
  turn()
  return () => {
    awake = false
  }
}
