import { Pool } from 'undici'

const PATH = '/orders'

/**
 * A client of one server: so many connections that stay open, one request at a time on each.
 *
 * @typedef {object} Client
 * @property {(tokens: readonly (string | undefined)[], status: number) => Promise<void>} sendAll
 * @property {(token?: string) => Promise<{ status: number, body: string }>} send
 * @property {() => Promise<void>} close
 */

/**
 * @param {number} port
 * @param {number} connections
 * @returns {Client}
 */
export function createClient(port, connections) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 })

  async function send(/** @type {string | undefined} */ token) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const { statusCode, body } = await pool.request({ path: PATH, method: 'GET', headers })
    return { status: statusCode, body: await body.text() }
  }

  return {
    send,
    /** Sends one request per token and fails if one of them is not answered as expected. */
    async sendAll(tokens, expected) {
      let next = 0
      const connection = async () => {
        while (next < tokens.length) {
          const { status } = await send(tokens[next++])
          if (status !== expected) throw new Error(`port ${port} answers ${status} where ${expected} is expected`)
        }
      }
      const rest = stayAwake()
      try {
        await Promise.all(Array.from({ length: connections }, connection))
      } finally {
        rest()
      }
    },
    close: () => pool.close(),
  }
}

/**
 * Keeps this process from sleeping between two answers. Waking a sleeping client is work of the kernel that counts for
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
