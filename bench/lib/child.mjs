import { fork } from 'node:child_process'
import { once } from 'node:events'

// Milliseconds for one call: many times the longest, but an end for one that never returns.
const TIMEOUT = 600_000

/**
 * A separate process for each measurement: no shared heap, no shared compiled code, and a CPU clock that counts nothing
 * else.
 *
 * @typedef {object} Child
 * @property {(name: string, input?: unknown) => Promise<any>} call
 * @property {() => Promise<void>} stop done when the process has ended
 */

/**
 * @param {URL} file a module that calls {@link serve}
 * @param {string} label for messages
 * @returns {Child}
 */
export function startChild(file, label) {
  const child = fork(file, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } })
  /** @type {Map<number, { resolve(value: unknown): void, reject(error: Error): void }>} */
  const open = new Map()
  let calls = 0
  child.on('message', (/** @type {any} */ { id, result, error }) => {
    const waiting = open.get(id)
    open.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(`${label}: ${error}`))
  })
  child.on('exit', (code) => {
    for (const { reject } of open.values()) reject(new Error(`${label} ended with code ${code}`))
  })
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        calls += 1
        const tooLong = setTimeout(() => {
          reject(new Error(`${label} has not responded to ${name} in ${TIMEOUT / 1000} s`))
          child.kill()
        }, TIMEOUT)
        const inTime = (/** @type {Function} */ settle) => (/** @type {unknown} */ value) => {
          clearTimeout(tooLong)
          settle(value)
        }
        open.set(calls, { resolve: inTime(resolve), reject: inTime(reject) })
        child.send({ id: calls, name, input })
      }),
    async stop() {
      if (!child.connected) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/**
 * The child's side: serves the calls of the parent, and ends with the parent.
 *
 * @param {Record<string, (input: any) => unknown>} handlers
 */
export function serve(handlers) {
  const reply = (/** @type {object} */ message) => process.send?.(message, () => {}) // the parent may be gone
  process.on('message', async (/** @type {any} */ { id, name, input }) => {
    try {
      reply({ id, result: await handlers[name](input) })
    } catch (error) {
      reply({ id, error: /** @type {Error} */ (error).stack })
    }
  })
  process.on('disconnect', () => process.exit())
}

/** CPU time of this process so far in microseconds: all its threads, in user and in kernel mode. */
export function cpuTime() {
  const { user, system } = process.cpuUsage()
  return user + system
}
