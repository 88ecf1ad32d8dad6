import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '../../cli/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandInput {
  readonly input?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command line in this process, with its own streams and environment. */
export async function bearward(
  args: readonly string[],
  { input = '', env = {}, cwd = root }: CommandInput = {},
): Promise<Outcome> {
  const outcome = { stdout: '', stderr: '' }
  const into = (name: keyof typeof outcome) => ({
    write(text: string) {
      outcome[name] += text
    },
  })
  const code = await run(args, {
    env: { NO_COLOR: '1', ...env },
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout: into('stdout'),
    stderr: into('stderr'),
    cwd: () => cwd,
  })
  return { code, ...outcome }
}
