import { parseArgs } from 'node:util'
import { UsageError } from './surroundings.ts'

interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  readonly short?: string
}

/** What was given, by the name of its option. */
export type Values<T extends Readonly<Record<string, Option>>> = {
  readonly [Name in keyof T]?: T[Name] extends { readonly multiple: true }
    ? readonly string[]
    : T[Name]['type'] extends 'string'
      ? string
      : boolean
}

interface Given<T extends Readonly<Record<string, Option>>> {
  readonly values: Values<T>
  readonly positionals: readonly string[]
}

/** @throws {UsageError} an option that is not known, or one without its value */
export function readOptions<const T extends Readonly<Record<string, Option>>>(
  args: readonly string[],
  options: T,
): Given<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true }) as Given<T>
  } catch (thrown) {
    throw new UsageError(problemOf(thrown, args))
  }
}

/** In words of our own: those of Node may quote a value. */
function problemOf(thrown: unknown, args: readonly string[]): string {
  const { code, message } = thrown as { readonly code?: string; readonly message: string }
  const option = /'(--?[A-Za-z][A-Za-z-]*)/.exec(message)?.[1]
  if (option === '--client-secret')
    return 'a secret on the command line is seen by others; use --client-secret-env NAME'
  if (option === '--token')
    return 'a token on the command line is seen by others; use --token-env NAME or --token-stdin'
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `there is no option ${option ?? 'like that'}`
  return `the option ${option ?? 'before the end'} is not used as it should be${args.length === 0 ? '' : '; see --help'}`
}

/** Scopes may come one by one, or several in one text. */
export const scopesOf = (given: readonly string[] | undefined): readonly string[] | undefined =>
  given?.flatMap((text) => text.split(' ')).filter((scope) => scope !== '')
