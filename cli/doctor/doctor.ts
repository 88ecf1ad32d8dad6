import { type CliContext, EXIT, type ExitCode, fromEnvironment, fromStandardInput, UsageError } from '../context.ts'
import { DOCTOR_HELP } from '../help.ts'
import { readOptions, scopesOf, type Values } from '../options.ts'
import { visibleJson } from '../visible.ts'
import type { Finding } from './finding.ts'
import { runChecks, type Target } from './run-checks.ts'

const OPTIONS = {
  issuer: { type: 'string' },
  resource: { type: 'string' },
  'internal-url': { type: 'string' },
  api: { type: 'string' },
  scope: { type: 'string', multiple: true },
  'client-id': { type: 'string' },
  'client-secret-env': { type: 'string' },
  'client-auth': { type: 'string' },
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
  const findings = await runChecks(target, (what) => {
    if (!values.json) stderr.write(`... ${what}\n`)
  })
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (values.json) stdout.write(`${visibleJson({ problems, findings })}\n`)
  else stdout.write(`${findings.map(line).join('\n')}\n${summary(problems)}\n`)
  return problems > 0 ? EXIT.findings : EXIT.clean
}

async function targetOf(values: DoctorOptions, context: CliContext): Promise<Target> {
  const { issuer, resource } = values
  if (issuer === undefined || resource === undefined)
    throw new UsageError('--issuer and --resource are required; see --help')
  return {
    issuer,
    resource,
    internalUrl: values['internal-url'],
    scopes: scopesOf(values.scope) ?? [],
    client: clientOf(values, context),
    api: apiOf(values),
    token: await tokenOf(values, context),
  }
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

function clientOf(values: DoctorOptions, context: CliContext): Target['client'] {
  const [clientId, variable] = [values['client-id'], values['client-secret-env']]
  const method = values['client-auth'] ?? 'client_secret_basic'
  if (method !== 'client_secret_basic' && method !== 'client_secret_post') {
    throw new UsageError('--client-auth must be client_secret_basic or client_secret_post')
  }
  if (clientId === undefined && variable === undefined) return undefined
  if (clientId === undefined || variable === undefined) {
    throw new UsageError('--client-id and --client-secret-env must be used together')
  }
  return { method, clientId, clientSecret: fromEnvironment(context, 'client-secret-env', variable) }
}

async function tokenOf(values: DoctorOptions, context: CliContext): Promise<string | undefined> {
  const variable = values['token-env']
  if (variable !== undefined) return fromEnvironment(context, 'token-env', variable).trim()
  return values['token-stdin'] ? fromStandardInput(context) : undefined
}

const MARKS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const

const line = ({ level, area, message, fix }: Finding): string =>
  `${MARKS[level]}  ${area.padEnd(13)}  ${message}${fix === undefined ? '' : ` -> ${fix}`}`

const summary = (problems: number): string =>
  problems === 0 ? 'No problems.' : `${problems} problem${problems === 1 ? '' : 's'}.`
