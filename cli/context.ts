/** The part of `process` that a command uses. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<unknown> & { readonly isTTY?: boolean }
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** The current folder. */
  cwd(): string
  /** Stops a command that runs until then. Without it, the end of the process does. */
  readonly signal?: AbortSignal
}

/** Exit codes. */
export const EXIT = {
  /** No findings. */
  clean: 0,
  /** The token would be refused, or the configuration has a problem. */
  findings: 1,
  /** The command line is invalid. */
  usage: 2,
  /** The command itself failed. */
  failed: 3,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An invalid command line. The message never repeats a value: it may be a misplaced secret. */
export class UsageError extends Error {}

/** What the command cannot do, in words that contain no secret. */
export class CommandError extends Error {}

/** Longer input cannot be a token. */
const MAX_CHARACTERS = 1_000_000

/** A token as people copy it: in an `Authorization` header, or in quotes. */
export const tokenIn = (text: string): string =>
  text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .replace(/^(?:authorization:\s*)?(?:bearer|dpop)\s+/i, '')

/** Standard input, trimmed. */
export async function fromStandardInput({ stdin }: CliContext): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MAX_CHARACTERS) throw new UsageError('standard input is too long to be a token')
  }
  return text.trim()
}

/** Reads a secret from the environment: command lines are visible to other users and stored in histories. */
export function fromEnvironment(
  { env }: CliContext,
  option: string,
  given: string | undefined,
  otherwise = '',
): string {
  const value = env[given ?? otherwise]
  // `env` has the members of every object, too.
  if (typeof value === 'string' && value !== '') return value
  throw new UsageError(
    given === undefined
      ? `${otherwise} is not set; --${option} names another environment variable`
      : `--${option} names an environment variable that is not set`,
  )
}
