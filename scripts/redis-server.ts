import { spawn, spawnSync } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A Redis on loopback without persistence. */
export interface RedisServer {
  readonly url: string
  /** Kills it and starts it again, empty, after a pause in milliseconds. */
  restart(pause: number): Promise<void>
  /** Stops it from responding for so many milliseconds. */
  hang(milliseconds: number): Promise<void>
  close(): void
}

/** `undefined` if Redis is not installed. */
export async function startRedis(): Promise<RedisServer | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const port = await freePort()
  const launch = () =>
    spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' })
  let child = launch()
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  await accepts(port)
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart(pause) {
      kill()
      await new Promise((resolve) => setTimeout(resolve, pause))
      child = launch()
      await accepts(port)
    },
    async hang(milliseconds) {
      child.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      child.kill('SIGCONT')
    },
    close() {
      process.off('exit', kill)
      kill()
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

async function accepts(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
