import { ConfigurationError } from 'bearward'
import { inspectToken } from '../../src/inspect/index.ts'
import { type CliContext, EXIT, type ExitCode, fromStandardInput, tokenIn, UsageError } from '../context.ts'
import { INSPECT_HELP } from '../help.ts'
import { readOptions, scopesOf } from '../options.ts'
import { visibleJson } from '../visible.ts'
import { inspectionText } from './text.ts'

const OPTIONS = {
  issuer: { type: 'string' },
  resource: { type: 'string' },
  audience: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  profile: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

export async function inspect(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const { values, positionals } = readOptions(args, OPTIONS)
  const { stdout } = context
  if (values.help) {
    stdout.write(INSPECT_HELP)
    return EXIT.clean
  }
  const { issuer, resource, audience, profile = 'compat' } = values
  if (profile !== 'compat' && profile !== 'rfc9068') throw new UsageError('--profile must be compat or rfc9068')
  const token = tokenIn(await readToken(positionals, context))
  if (token === '') throw new UsageError('no token: pass it on standard input')
  const scopes = scopesOf(values.scope)
  const expected = { issuer, resource, audience, profile, scopes, now: Date.now() / 1000 } as const
  const inspection = await asUsageError(inspectToken(token, expected))
  stdout.write(values.json ? `${visibleJson(inspection)}\n` : inspectionText(inspection))
  return inspection.refusal ? EXIT.findings : EXIT.clean
}

async function readToken(positionals: readonly string[], context: CliContext): Promise<string> {
  if (positionals.length > 1) throw new UsageError('pass only one token')
  const [token] = positionals
  if (token !== undefined && token !== '-') return token
  if (context.stdin.isTTY) throw new UsageError('no token: pass it on standard input; see --help')
  return fromStandardInput(context)
}

async function asUsageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown
    const option = /\w+(?=(\[\d+\])?$)/.exec(thrown.option)?.[0]
    const hint = option === 'resource' ? '; here, that is --audience' : ''
    throw new UsageError(`--${option}: ${thrown.problem}${hint}`)
  }
}
