import { ConfigurationError, createResourceServer, type ResourceServerOptions, scope } from 'bearward'
import {
  type CliContext,
  EXIT,
  type ExitCode,
  fromEnvironment,
  fromStandardInput,
  tokenIn,
  UsageError,
} from '../context.ts'
import { DOCTOR_HELP } from '../help.ts'
import { readOptions, scopesOf, type Values } from '../options.ts'
import { truncated, visible, visibleJson } from '../visible.ts'
import type { Finding } from './finding.ts'
import { ISSUER_OPTIONS, issuerArgumentsIn, issuerFrom } from './issuer-arguments.ts'
import { runChecks, wrongOption } from './run-checks.ts'
import { issuersOf, optionsIn, type Target } from './target.ts'

const OPTIONS = {
  ...ISSUER_OPTIONS,
  config: { type: 'string' },
  resource: { type: 'string' },
  api: { type: 'string' },
  scope: { type: 'string', multiple: true },
  'token-env': { type: 'string' },
  'token-stdin': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type DoctorOptions = Values<typeof OPTIONS>

export async function doctor(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const { values, positionals } = readOptions(args, OPTIONS)
  const { stdout, stderr } = context
  if (values.help) {
    stdout.write(DOCTOR_HELP)
    return EXIT.clean
  }
  if (positionals.length > 0) throw new UsageError('doctor takes only options; see --help')
  const target = await targetOf(values, context)
  const findings =
    target instanceof ConfigurationError
      ? [wrongOption(target)]
      : await runChecks(target, (what) => {
          if (!values.json) stderr.write(`... ${shown(what)}\n`)
        })
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (values.json) stdout.write(`${visibleJson({ problems, findings })}\n`)
  else stdout.write(`${findings.map(line).join('\n')}\n${summary(problems)}\n`)
  return problems > 0 ? EXIT.findings : EXIT.clean
}

async function targetOf(values: DoctorOptions, context: CliContext): Promise<Target | ConfigurationError> {
  const options = await optionsOf(values, context)
  if (options instanceof ConfigurationError) return options
  const scopes = scopesOf(values.scope) ?? []
  const issuers = problemIn(options, scopes) ?? (await issuersOf(options, values.issuer))
  if (issuers instanceof ConfigurationError) return issuers
  return {
    options,
    issuers,
    scopes,
    api: apiOf(values),
    token: await tokenOf(values, context),
  }
}

/** What the application's own calls would throw: of the resource server, and of a guard with these scopes. */
function problemIn(
  options: ResourceServerOptions,
  [first, ...others]: readonly string[],
): ConfigurationError | undefined {
  try {
    const server = createResourceServer(options)
    server.close()
    if (first !== undefined) server.guards(scope(first, ...others))
    return undefined
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown
    throw thrown
  }
}

async function optionsOf(
  values: DoctorOptions,
  context: CliContext,
): Promise<ResourceServerOptions | ConfigurationError> {
  const { config, resource } = values
  if (config !== undefined) {
    const [other] = [...issuerArgumentsIn(values), ...(resource === undefined ? [] : ['resource'])]
    if (other !== undefined) throw new UsageError(`--config cannot be combined with --${other}`)
    return optionsIn(config)
  }
  const issuer = issuerFrom(values, context)
  if (issuer instanceof ConfigurationError) return issuer
  if (resource === undefined) throw new UsageError('--resource is required; see --help')
  return { resource, issuer }
}

/** Drops the query, which may contain a secret: findings include the URL. */
function apiOf({ api }: DoctorOptions): string | undefined {
  if (api === undefined) return undefined
  const url = URL.canParse(api) ? new URL(api) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError('--api must be an absolute http or https URL without a user name')
  url.search = ''
  url.hash = ''
  return url.href
}

async function tokenOf(values: DoctorOptions, context: CliContext): Promise<string | undefined> {
  const { 'token-env': variable, 'token-stdin': isInput = false } = values
  if (variable === undefined && !isInput) return undefined
  if (variable !== undefined && isInput) throw new UsageError('use either --token-env or --token-stdin')
  const given =
    variable === undefined ? await fromStandardInput(context) : fromEnvironment(context, 'token-env', variable)
  const token = tokenIn(given)
  if (token === '') throw new UsageError(`${isInput ? 'standard input' : 'the variable of --token-env'} has no token`)
  return token
}

const MARKS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const

/** On one line, and no longer than a screen, whatever the texts of others contain. */
const line = ({ level, area, message, fix }: Finding): string =>
  `${MARKS[level]}  ${area.padEnd(13)}  ${shown(message)}${fix === undefined ? '' : ` -> ${shown(fix)}`}`

const shown = (text: string): string => truncated(visible(text), 1000)

const summary = (problems: number): string =>
  problems === 0 ? 'No problems.' : `${problems} problem${problems === 1 ? '' : 's'}.`
