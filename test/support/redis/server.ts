import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestOptions } from 'vitest'
import { freePort } from '../http/free-port.ts'
import { missingProgram } from '../tiers/missing-program.ts'

const BINARY = 'redis-server'
const isInstalled = spawnSync(BINARY, ['--version']).status === 0

/** For tests with a timeout of 50 ms per operation: on a busy machine, a real server may occasionally take longer. */
export const WITHIN_50_MS: TestOptions = { retry: 2 }

/** Tests that need a real server. Without one, they are skipped with the reason. */
export function describeWithRedis(name: string, tests: () => void, options: TestOptions = {}): void {
  if (isInstalled) describe(name, options, tests)
  else describe.skip(`${name} (skipped: ${missingProgram(BINARY, BINARY)})`, tests)
}

/** A Redis on loopback without persistence. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Kills it: connections break, and its data is gone. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Freezes it: connections stay open and new ones are accepted, but nothing responds. */
  hang(): void
  resume(): void
  /** Another port, where every response is delayed. */
  slowly(milliseconds: number): Promise<SlowPort>
  /** Stops it and removes its files. */
  close(): Promise<void>
}

export interface SlowPort {
  readonly url: string
  /** The delay from now on. */
  milliseconds: number
  stop(): Promise<void>
}

export async function createRedisServer(options: { cluster?: boolean } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bearward-redis-'))
  const extra = options.cluster ? await clusterOptions() : []
  let child: ChildProcess | undefined
  // By PID: on Deno, the handle of a child accepts only one signal.
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid !== undefined && isRunning(child)) process.kill(child.pid, name)
  }
  const kill = () => signal('SIGKILL')
  const launch = async (port: number): Promise<boolean> => {
    child = spawn(BINARY, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...extra], {
      stdio: 'ignore',
    })
    process.once('exit', kill)
    return await isReady(port, child)
  }
  const stop = async () => {
    process.off('exit', kill)
    if (child === undefined || !isRunning(child)) return
    const ended = once(child, 'exit')
    kill()
    await ended
  }

  let port = await freePort()
  // Another process may take the port before the server does.
  for (let round = 0; !(await launch(port)); round++) {
    await stop()
    if (round === 5) throw new Error(`${BINARY} does not start`)
    port = await freePort()
  }
  // A cluster of one, which owns all slots.
  if (options.cluster) await until(() => says(port, 'CLUSTER ADDSLOTSRANGE 0 16383\r\n', '+OK'))
  if (options.cluster) await until(() => says(port, 'SET ready 1\r\n', '+OK'))
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop,
    async start() {
      if (!(await launch(port))) throw new Error(`${BINARY} does not start again`)
    },
    hang: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    slowly: (milliseconds) => createSlowPort(port, milliseconds),
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const clusterOptions = async () => [
  ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
  ...['--cluster-announce-ip', '127.0.0.1'],
]

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

/** Whether the server accepts commands; false once it has exited. */
async function isReady(port: number, child: ChildProcess): Promise<boolean> {
  await until(async () => !isRunning(child) || (await says(port, 'PING\r\n', '+PONG')))
  return isRunning(child)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; !(await condition()); round++) {
    if (round > 1000) throw new Error(`${BINARY} does not get ready`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function says(port: number, command: string, expected: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(command))
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
    socket.on('data', (data) => {
      resolve(data.toString().startsWith(expected))
      socket.destroy()
    })
  })
}

async function createSlowPort(port: number, milliseconds: number): Promise<SlowPort> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
      sockets.delete(near)
    }
    sockets.add(near)
    near.on('close', end).on('error', end).pipe(far)
    far.on('close', end).on('error', end)
    // Sequentially, so that responses stay in order when the delay changes.
    let last = Promise.resolve()
    far.on('data', (data) => {
      last = last.then(() => new Promise((resolve) => setTimeout(resolve, slow.milliseconds)))
      last.then(() => near.destroyed || near.write(data))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slow: SlowPort = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    milliseconds,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  return slow
}
