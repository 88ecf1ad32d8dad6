import { once } from 'node:events'
import { argv, stderr, stdout } from 'node:process'
import { commandOf, DEFAULT_PORT, HELP } from './arguments.ts'
import { type Playground, startPlayground } from './playground.ts'

const MISUSE = 2

const stopping = new AbortController()
const stop = () => stopping.abort()

const isTaken = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'EADDRINUSE'

/** Falls back to a free port if the default is taken, but never if the user chose the port. */
async function open(port: number | undefined): Promise<Playground> {
  if (port !== undefined) return startPlayground(port)
  try {
    return await startPlayground(DEFAULT_PORT)
  } catch (thrown) {
    if (!isTaken(thrown)) throw thrown
    return startPlayground(0)
  }
}

async function main(): Promise<number> {
  const command = commandOf(argv.slice(2))
  if (command.kind === 'mistake') {
    stderr.write(`${command.message}\n`)
    return MISUSE
  }
  if (command.kind === 'help') {
    stdout.write(`${HELP}\n`)
    return 0
  }
  let playground: Playground
  try {
    playground = await open(command.port)
  } catch (thrown) {
    if (!isTaken(thrown)) throw thrown
    stderr.write(`Port ${command.port} is taken. Choose another port, or omit --port.\n`)
    return 1
  }
  stdout.write(`\nThe playground is open. Go there with your browser:\n\n  ${playground.url}\n\nCtrl-C ends it.\n`)
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort')
  await playground.close()
  return 0
}

// Not once(): npm forwards a Ctrl-C that the terminal has already sent, and the second must not interrupt the shutdown.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)

try {
  process.exitCode = await main()
} catch (thrown) {
  stderr.write(`The playground failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
  process.exitCode = 1
}
