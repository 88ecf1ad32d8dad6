import { once } from 'node:events'
import { argv, stderr, stdout } from 'node:process'
import { commandOf, HELP, USUAL_PORT } from './arguments.ts'
import { type Playground, startPlayground } from './playground.ts'

const MISUSE = 2

const stopping = new AbortController()
const stop = () => stopping.abort()

const isTaken = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'EADDRINUSE'

/** A port that somebody asked for is a wish to be kept or to be refused; the usual one is only a habit. */
async function open(port: number | undefined): Promise<Playground> {
  if (port !== undefined) return startPlayground(port)
  try {
    return await startPlayground(USUAL_PORT)
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
    stderr.write(`Port ${command.port} is taken. Choose another one, or none.\n`)
    return 1
  }
  stdout.write(`\nThe playground is open. Go there with your browser:\n\n  ${playground.url}\n\nCtrl-C ends it.\n`)
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort')
  await playground.close()
  return 0
}

// Not once: npm passes a Ctrl-C on that the terminal has sent already, and the second must not cut the end short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)

try {
  process.exitCode = await main()
} catch (thrown) {
  stderr.write(`The playground broke off: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
  process.exitCode = 1
}
