import { once } from 'node:events'
import { argv, env, stderr, stdout } from 'node:process'
import { commandOf, HELP } from './arguments.ts'
import { demonstrate } from './demonstrate.ts'
import { printCommands } from './invitation.ts'
import { openStage } from './stage.ts'
import { terminalOf } from './terminal.ts'

const MISUSE = 2

const stopping = new AbortController()
const stop = () => stopping.abort()

async function main(): Promise<number> {
  const command = commandOf(argv.slice(2))
  if (command.kind === 'mistake') {
    stderr.write(`${command.message}\n`)
    return MISUSE
  }
  const terminal = terminalOf(stdout, env)
  if (command.kind === 'help') {
    terminal.print(HELP)
    return 0
  }
  const stage = await openStage(stopping.signal)
  try {
    const good = await demonstrate(stage, terminal)
    if (command.once) return good ? 0 : 1
    await printCommands(stage, terminal)
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort')
    return 0
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown
    return command.once ? 1 : 0 // an aborted table proves nothing
  } finally {
    await stage.close()
  }
}

// Not once(): npm forwards a Ctrl-C that the terminal has already sent, and the second must not interrupt the shutdown.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
stdout.on('error', stop) // the reader of the output is gone

try {
  process.exitCode = await main()
} catch (thrown) {
  stderr.write(`The demo failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
  process.exitCode = 1
}
