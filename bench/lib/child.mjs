import { fork } from 'node:child_process'
import { once } from 'node:events'

// Milliseconds for one question: many times what the longest takes, and an end for one that never answers.
const PATIENCE = 600_000

/**
 * A process of its own for each thing that is measured: no shared heap, no shared compiled code, and a CPU clock that
 * counts nothing else.
 *
 * @typedef {object} Child
 * @property {(name: string, input?: unknown) => Promise<any>} ask
 * @property {() => Promise<void>} stop done when the process has ended
 */

/**
 * @param {URL} file a module that calls {@link answer}
 * @param {string} label for messages
 * @returns {Child}
 */
export function startChild(file, label) {
  const child = fork(file, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } })
  /** @type {Map<number, { resolve(value: unknown): void, reject(error: Error): void }>} */
  const open = new Map()
  let asked = 0
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
    ask: (name, input) =>
      new Promise((resolve, reject) => {
        asked += 1
        const tooLong = setTimeout(() => {
          reject(new Error(`${label} has not answered to ${name} in ${PATIENCE / 1000} s`))
          child.kill()
        }, PATIENCE)
        const inTime = (/** @type {Function} */ settle) => (/** @type {unknown} */ value) => {
          clearTimeout(tooLong)
          settle(value)
        }
        open.set(asked, { resolve: inTime(resolve), reject: inTime(reject) })
        child.send({ id: asked, name, input })
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
 * The other side: answers what the parent asks, and ends when the parent does.
 *
 * @param {Record<string, (input: any) => unknown>} answers
 */
export function answer(answers) {
  const reply = (/** @type {object} */ message) => process.send?.(message, () => {}) // a parent that is gone needs none
  process.on('message', async (/** @type {any} */ { id, name, input }) => {
    try {
      reply({ id, result: await answers[name](input) })
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
