import { once } from 'node:events'
import { ConfigurationError, createResourceServer, scope } from 'bearward'
import { type CliContext, EXIT, type ExitCode, UsageError } from '../context.ts'
import { ISSUER_HELP } from '../help.ts'
import { readOptions, scopesOf } from '../options.ts'
import { visibleJson } from '../visible.ts'
import { type LocalIssuer, startIssuer } from './server.ts'
import { type Example, textOf } from './text.ts'
import { issueToken, LIFETIME } from './token-endpoint.ts'

const OPTIONS = {
  port: { type: 'string' },
  resource: { type: 'string' },
  scope: { type: 'string', multiple: true },
  api: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Runs until it is stopped. */
export async function issuer(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const { values, positionals } = readOptions(args, OPTIONS)
  const { stdout, stderr, env, signal } = context
  if (values.help) {
    stdout.write(ISSUER_HELP)
    return EXIT.clean
  }
  if (positionals.length > 0) throw new UsageError('issuer takes only options; see --help')
  if (env.NODE_ENV === 'production') throw new UsageError('issuer does not run with NODE_ENV=production')
  const { resource = 'https://api.example.com', api = 'http://localhost:3000/orders' } = values
  const scopes = scopesOf(values.scope) ?? ['read:orders', 'write:orders']
  check(resource, scopes)
  if (!/^https?:/.test(URL.canParse(api) ? new URL(api).protocol : ''))
    throw new UsageError('--api must be an http or https URL')

  const local = await startIssuer(portIn(values.port), resource, scopes)
  stderr.write(WARNING)
  const examples = await examplesOf(local, scopes)
  if (values.json) stdout.write(`${visibleJson(jsonOf(local, examples))}\n`)
  else stdout.write(textOf(local, new URL(api).href, scopes, examples))
  const stop = () => {
    local.server.close()
    local.server.closeAllConnections()
  }
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  await once(local.server, 'close')
  return EXIT.clean
}

const WARNING = `
  ####  FOR DEVELOPMENT ONLY. Never let an API in production trust this issuer:
  ####  it has no users and no consent, and gives tokens to everyone on this machine.

`

/** As the API will check them. */
function check(resource: string, scopes: readonly string[]): void {
  try {
    createResourceServer({ resource, issuer: 'http://127.0.0.1', scopes }).close()
    scope(...(scopes as [string, ...string[]]))
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown
    throw new UsageError(thrown.message.replace(/^bearward: /, ''))
  }
}

function portIn(text = '4000'): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError('--port must be a number up to 65535')
  return port
}

/** Tokens for each response that an API may give. */
async function examplesOf({ issuer }: LocalIssuer, scopes: readonly string[]): Promise<readonly Example[]> {
  const alice = { sub: 'alice', client_id: 'dev-client' }
  const all = scopes.join(' ')
  return [
    { name: 'good', about: `200: alice, with ${all}`, token: await issueToken(issuer, { ...alice, scope: all }) },
    { name: 'without_scope', about: '403: alice, without a scope', token: await issueToken(issuer, alice) },
    {
      name: 'expired',
      about: '401: alice, with an expired token',
      token: await issueToken(issuer, { ...alice, scope: all }, 2 * LIFETIME),
    },
  ]
}

const jsonOf = ({ issuer, tokenEndpoint }: LocalIssuer, examples: readonly Example[]) => ({
  options: { resource: issuer.resource, issuer: issuer.issuer },
  tokenEndpoint,
  clientId: issuer.client.clientId,
  clientSecret: issuer.client.clientSecret,
  tokens: Object.fromEntries(examples.map(({ name, token }) => [name, token])),
})
