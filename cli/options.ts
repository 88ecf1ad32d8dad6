import { parseArgs } from 'node:util'
import { UsageError } from './context.ts'

interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  readonly short?: string
}

/** Parsed values, by option name. */
export type Values<T extends Readonly<Record<string, Option>>> = {
  readonly [Name in keyof T]?: T[Name] extends { readonly multiple: true }
    ? readonly string[]
    : T[Name]['type'] extends 'string'
      ? string
      : boolean
}

interface ParsedOptions<T extends Readonly<Record<string, Option>>> {
  readonly values: Values<T>
  readonly positionals: readonly string[]
}

/** @throws {UsageError} an unknown option, or a missing value */
export function readOptions<const T extends Readonly<Record<string, Option>>>(
  args: readonly string[],
  options: T,
): ParsedOptions<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true }) as ParsedOptions<T>
  } catch (thrown) {
    throw new UsageError(problemOf(thrown, args, Object.keys(options)))
  }
}

/** Our own wording: Node's messages may quote a value, which could be a secret. */
function problemOf(thrown: unknown, args: readonly string[], known: readonly string[]): string {
  const { code, message } = thrown as { readonly code?: string; readonly message: string }
  const option = /'(--?[A-Za-z][A-Za-z-]*)/.exec(message)?.[1]
  if (option === '--client-secret' && known.includes('client-secret-env'))
    return 'others can see a secret on the command line; use --client-secret-env NAME'
  if (option === '--token')
    return `others can see a token on the command line; ${known.includes('token-env') ? 'use --token-env NAME or --token-stdin' : 'pass it on standard input'}`
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `unknown option ${option ?? ''}`.trimEnd()
  return `invalid use of ${option ?? 'the last option'}${args.length === 0 ? '' : '; see --help'}`
}

/** `--scope` may be repeated, and each value may contain several scopes. */
export const scopesOf = (values: readonly string[] | undefined): readonly string[] | undefined =>
  values?.flatMap((text) => text.split(' ')).filter((scope) => scope !== '')
