import { once } from 'node:events'
import { argv, env, stderr, stdout } from 'node:process'
import { commandOf, HELP } from './arguments.ts'
import { demonstrate } from './demonstrate.ts'
import { invite } from './invitation.ts'
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
    await invite(stage, terminal)
    if (!stopping.signal.aborted) await once(stopping.signal, 'abort')
    return 0
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown
    return command.once ? 1 : 0 // nobody can say of a table that was cut short that all of it was good
  } finally {
    await stage.close()
  }
}

// Not once: npm passes a Ctrl-C on that the terminal has sent already, and the second must not cut the end short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
stdout.on('error', stop) // whoever read the output has gone

try {
  process.exitCode = await main()
} catch (thrown) {
  stderr.write(`The demonstration broke off: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
  process.exitCode = 1
}
