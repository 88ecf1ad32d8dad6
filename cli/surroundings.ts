/** As much of a process as a command sees. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<unknown> & { readonly isTTY?: boolean }
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** What the status of the process says. */
export const EXIT = {
  /** Nothing was found. */
  clean: 0,
  /** Something was found: the token would be refused, or the set-up has a problem. */
  findings: 1,
  /** The command was not understood. */
  usage: 2,
  /** The command itself failed. */
  failed: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command was not understood. Its message never repeats a value: that may be a secret in the wrong place. */
export class UsageError extends Error {}

/** More is not a token, whatever it is. */
const MAX_CHARACTERS = 1_000_000

/** All of standard input, as one line. */
export async function fromStandardInput({ stdin }: CliContext): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MAX_CHARACTERS) throw new UsageError('standard input is too long to be a token')
  }
  return text.trim()
}

/** A secret from the environment: command lines are seen by everybody on the machine, and kept in histories. */
export function fromEnvironment({ env }: CliContext, option: string, name: string): string {
  const value = env[name]
  if (value === undefined || value === '')
    throw new UsageError(`--${option} names a variable of the environment that is not set`)
  return value
}
