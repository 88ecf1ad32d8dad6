import { createRequire } from 'node:module'
import { type CliContext, CommandError, EXIT, type ExitCode, UsageError } from './context.ts'
import { doctor } from './doctor/doctor.ts'
import { HELP } from './help.ts'
import { inspect } from './inspect/inspect.ts'
import { issuer } from './issuer/issuer.ts'
import { revoke } from './revoke/revoke.ts'
import { visibleLines } from './visible.ts'

/** Runs a command line; never throws. Whatever it prints, no text of others controls the terminal. */
export async function run(args: readonly string[], terminal: CliContext): Promise<ExitCode> {
  const context: CliContext = {
    env: terminal.env,
    // Read only where it is used: Node opens it then.
    get stdin() {
      return terminal.stdin
    },
    stdout: printable(terminal.stdout),
    stderr: printable(terminal.stderr),
    cwd: () => terminal.cwd(),
    ...(terminal.signal && { signal: terminal.signal }),
  }
  const { stdout, stderr } = context
  const [command, ...rest] = args
  try {
    if (command === 'inspect') return await inspect(rest, context)
    if (command === 'doctor') return await doctor(rest, context)
    if (command === 'revoke') return await revoke(rest, context)
    if (command === 'issuer') return await issuer(rest, context)
    if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
      stdout.write(HELP)
      return command === undefined ? EXIT.usage : EXIT.clean
    }
    if (command === '--version') {
      stdout.write(`${version()}\n`)
      return EXIT.clean
    }
    throw new UsageError('unknown command; use inspect, doctor, revoke or issuer')
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      stderr.write(`bearward: ${thrown.message}\n`)
      return EXIT.usage
    }
    if (thrown instanceof CommandError) {
      stderr.write(`bearward: ${thrown.message}\n`)
      return EXIT.failed
    }
    // Only the name: the message may contain the token or a secret.
    stderr.write(`bearward: failed (${thrown instanceof Error ? thrown.name : typeof thrown}); please report this\n`)
    return EXIT.failed
  }
}

const printable = (stream: CliContext['stdout']): CliContext['stdout'] => ({
  write: (text) => stream.write(visibleLines(text)),
})

function version(): string {
  const manifest = createRequire(import.meta.url)('bearward/package.json') as { readonly version: string }
  return manifest.version
}
