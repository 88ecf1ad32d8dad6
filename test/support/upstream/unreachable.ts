import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

// A thread that listens and then blocks: nothing accepts connections from its queue.
const LISTEN = `
  const { createServer } = require('node:net')
  const { parentPort, workerData } = require('node:worker_threads')
  const server = createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setTimeout(() => Atomics.wait(workerData, 0, 0), 20)
  })
`

/** A port whose accept queue is full: a new connection gets no response, as behind a firewall that drops packets. */
export async function createUnreachablePort() {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(LISTEN, { eval: true, workerData: gate })
  const [port] = (await once(worker, 'message')) as [number]
  const sockets: Socket[] = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  await new Promise((resolve) => setTimeout(resolve, 200))
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
      await worker.terminate()
    },
  }
}
