import { ConfigurationError, type RevocationStore } from 'bearward'
import { revocationStore } from 'bearward/redis'
import { type RevocationEntry, type Revocations, type RevocationTarget, revocation } from 'bearward/revocation'
import { type CliContext, CommandError, EXIT, type ExitCode, fromEnvironment, UsageError } from '../context.ts'
import { REVOKE_HELP } from '../help.ts'
import { readOptions, type Values } from '../options.ts'
import { visible, visibleValue } from '../visible.ts'
import { connectTo } from './redis-client.ts'

const OPTIONS = {
  sub: { type: 'string' },
  sid: { type: 'string' },
  jti: { type: 'string' },
  client: { type: 'string' },
  all: { type: 'boolean' },
  issuer: { type: 'string' },
  list: { type: 'boolean' },
  restore: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'store-env': { type: 'string' },
  'secret-env': { type: 'string' },
  prefix: { type: 'string' },
  'max-lifetime': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const TARGETS = ['sub', 'sid', 'jti', 'client', 'all'] as const

// Servers with another secret or another prefix never see what is revoked here, and the command would report success.
const OTHER_SECRET = 'the store has records, but none is in force; does --secret-env name the secret of your servers?'
const OTHER_PREFIX =
  'the store has no records under this prefix; is it the prefix of your servers? If not, use --prefix'

/** What to do with the revocations in a store. It returns the lines to print. */
type Action = (revoked: Revocations, inForce: readonly RevocationEntry[]) => Promise<readonly string[]>

export async function revoke(args: readonly string[], context: CliContext): Promise<ExitCode> {
  const { values, positionals } = readOptions(args, OPTIONS)
  const { stdout, stderr } = context
  if (values.help) {
    stdout.write(REVOKE_HELP)
    return EXIT.clean
  }
  if (positionals.length > 0) throw new UsageError('revoke takes only options; see --help')
  const act = await actionOf(values)
  const url = fromEnvironment(context, 'store-env', values['store-env'], 'REDIS_URL')
  const secret = fromEnvironment(context, 'secret-env', values['secret-env'], 'STORE_SECRET')
  const { client, close } = await connectTo(url, context.cwd())
  try {
    const { prefix } = values
    const counted = countingStore(revocationStore(client, prefix === undefined ? {} : { prefix }))
    const revoked = revocation({ store: counted.store, secret, ...lifetimeIn(values) })
    const inForce = await revoked.list()
    if (inForce.length === 0) stderr.write(`bearward: ${counted.records() > 0 ? OTHER_SECRET : OTHER_PREFIX}\n`)
    for (const line of await act(revoked, inForce)) stdout.write(`${visible(line)}\n`)
    return EXIT.clean
  } catch (thrown) {
    throw explained(thrown)
  } finally {
    close()
  }
}

/** @throws {UsageError} before anything is connected */
async function actionOf(values: Values<typeof OPTIONS>): Promise<Action> {
  const { list = false, restore, issuer, 'dry-run': dryRun = false } = values
  const targets = TARGETS.filter((name) => values[name] !== undefined)
  if (Number(list) + Number(restore !== undefined) + Number(targets.length > 0) !== 1)
    throw new UsageError(`use one of ${TARGETS.map((name) => `--${name}`).join(', ')}, --list, --restore`)
  if (list) return async (_, inForce) => (inForce.length === 0 ? ['no revocations'] : inForce.map(lineOf))
  if (restore !== undefined) return restoring(restore, dryRun)
  const named = Object.fromEntries(targets.map((name) => [name, values[name]]))
  const target = { ...named, ...(issuer !== undefined && { issuer }) } as unknown as RevocationTarget
  const example = await checked(target, lifetimeIn(values))
  return async (revoked) =>
    dryRun ? [`would revoke: ${textOf(example)}`] : [`revoked: ${lineOf(await revoked.revoke(target))}`]
}

const restoring =
  (id: string, dryRun: boolean): Action =>
  async (revoked, inForce) => {
    const entry = inForce.find((one) => one.id === id)
    if (!entry) throw new CommandError('this revocation is not in force; see --list')
    if (!dryRun) await revoked.restore(entry)
    return [`${dryRun ? 'would restore' : 'restored'}: ${lineOf(entry)}`]
  }

/** The entry that a target leads to, in memory only. */
async function checked(target: RevocationTarget, lifetime: ReturnType<typeof lifetimeIn>): Promise<RevocationEntry> {
  try {
    return await revocation(lifetime).revoke(target)
  } catch (thrown) {
    throw explained(thrown)
  }
}

function lifetimeIn({ 'max-lifetime': text }: Values<typeof OPTIONS>): { readonly maxLifetime?: number } {
  if (text === undefined) return {}
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--max-lifetime must be a number of seconds')
  return { maxLifetime: Number(text) }
}

/** With another secret, all records are ignored, ours by the servers as well. */
function countingStore(store: RevocationStore) {
  let count = 0
  const counting: RevocationStore = {
    ...store,
    async read(after) {
      const page = await store.read(after)
      count += page.records.length
      return page
    },
  }
  return { store: counting, records: () => count }
}

function explained(thrown: unknown): unknown {
  if (thrown instanceof UsageError || thrown instanceof CommandError) return thrown
  if (thrown instanceof ConfigurationError) return new UsageError(thrown.message.replace(/^bearward: /, ''))
  const { message } = thrown as Error
  // Only our own messages: those of a client may contain the URL.
  return typeof message === 'string' && message.startsWith('bearward: ')
    ? new CommandError(message.slice('bearward: '.length))
    : new CommandError('the store failed; see with --list whether anything changed')
}

const lineOf = (entry: RevocationEntry): string => `${entry.id}  ${textOf(entry)}`

function textOf({ issuer, before, expiresAt, ...entry }: RevocationEntry): string {
  const named = TARGETS.flatMap((name) => {
    const value = entry[name]
    return value === undefined || value === false ? [] : [value === true ? name : `${name} ${visibleValue(value)}`]
  })
  return [
    named.join(', '),
    issuer === undefined ? 'every issuer' : `issuer ${visibleValue(issuer)}`,
    before === undefined ? 'whenever issued' : `issued up to ${timeOf(before)}`,
    `ends ${timeOf(expiresAt)}`,
  ].join('  ')
}

const timeOf = (seconds: number): string => new Date(Math.min(seconds, 8.64e12) * 1000).toISOString()
