import { CREATE_SECRET } from '../config/secret.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, Refusal, unavailable } from '../errors/refusal.ts'
import type { BearwardEvent, RevocationEvent } from '../events/events.ts'
import { createRecordSealer } from '../stores/sealed-records.ts'
import { redactError } from '../upstream/redact-error.ts'
import type { NumericDate, Seconds } from '../util/time.ts'
import { unreferenced } from '../util/unreferenced-timer.ts'
import type { RevocableToken, RevocationHost, RevocationState } from '../verifier/revocation.ts'
import { createBackchannelLogout } from './backchannel-logout.ts'
import { createEntry, type EntryMembers, lasting, membersOf, type RevocationEntry } from './entry.ts'
import { issuerNotices } from './issuer-names.ts'
import { type RevocationOptions, revocationShape } from './options.ts'
import { createReceived } from './received.ts'
import type { Receiver } from './receiver.ts'
import type { Change } from './record.ts'
import { createRevocationIndex } from './revocation-index.ts'
import type { Revocations } from './revocations-api.ts'
import { verifySecurityToken } from './security-token.ts'
import { createSharedSignals } from './shared-signals.ts'
import { SizeError } from './size-error.ts'
import { createSynchronizer, type Synchronizer } from './synchronizer.ts'
import { createTransmitters } from './transmitters.ts'

// Milliseconds within which revocations are reported to the servers together.
const TOGETHER = 100
// The store is read every half second.
const CURRENT: Seconds = 3
const RETRY_AFTER: Seconds = 1

/**
 * Creates the revocations of one or several resource servers: `resourceServer({ …, revocation: revocation() })`.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function revocation(options: RevocationOptions = {}): Revocations {
  const { store, secret, staleIfError, onStoreFailure, maxLifetime, size, logout, sharedSignals } = revocationShape(
    options,
    'revocation',
  )
  const index = createRevocationIndex()
  const hosts = new Set<RevocationHost>()
  const transmitters = createTransmitters(sharedSignals?.issuers ?? new Map())
  let synchronizer: Synchronizer | undefined
  let usedSecrets = secret
  /** Of all tokens, while the store has not been read for too long. */
  let refusal = unavailableFor(undefined)
  let status: RevocationState['status'] = store ? 'unavailable' : 'current'
  const reported = { added: 0, removed: 0 }
  const report = unreferenced(() => {
    for (const action of ['added', 'removed'] as const) {
      if (reported[action] > 0) emit(action, reported[action])
      reported[action] = 0
    }
    for (const host of hosts) changed(host)
  })

  const now = (): NumericDate => {
    const [host] = hosts
    return host ? host.clock() : Date.now() / 1000
  }

  function statusNow(): RevocationState['status'] {
    if (!store) return 'current'
    const age = synchronizer?.age()
    if (age === undefined || age > staleIfError) return 'unavailable'
    return synchronizer?.isFailing || age > CURRENT ? 'stale' : 'current'
  }

  function state(): RevocationState {
    index.sweep(now())
    return { status: statusNow(), entries: index.size, age: store ? synchronizer?.age() : 0 }
  }

  function emit(action: RevocationEvent['action'], count: number, code?: string): void {
    notify({ type: 'revocation', action, count, code, status: statusNow() })
  }

  function notify(event: BearwardEvent): void {
    for (const { events } of hosts) events.emit({ ...event })
  }

  function apply(change: Change): boolean {
    const isNew =
      'added' in change
        ? index.add(lasting(change.added, maxLifetime), now())
        : index.remove(change.removed, change.expiresAt, now())
    if (!isNew) return false
    reported['added' in change ? 'added' : 'removed']++
    report.start(TOGETHER)
    return true
  }

  function synchronized(secrets: readonly Uint8Array[] | undefined): Synchronizer | undefined {
    if (!store) return undefined
    if (synchronizer) {
      // The records of other processes with the second one would count as forged.
      if (secrets && JSON.stringify(secrets) !== JSON.stringify(usedSecrets))
        throw new ConfigurationError(
          'stores.secret',
          'differs from that of another resource server with this revocation(); state revocation.secret',
        )
      return synchronizer
    }
    if (!secrets)
      throw new ConfigurationError(
        'revocation.secret',
        `is missing, and so is stores.secret: it authenticates the records in revocation.store; ${CREATE_SECRET}`,
      )
    usedSecrets = secrets
    synchronizer = createSynchronizer({
      store,
      index,
      now,
      sealer: createRecordSealer(secrets, 'revocation record'),
      apply,
      attempted({ invalid, error }) {
        refusal = unavailableFor(redactError(error))
        const common = { type: 'store', store: 'revocation', operation: 'get', duration: 0 } as const
        if (invalid > 0) notify({ ...common, code: 'corrupt' })
        const before = status
        status = statusNow()
        if (status === before) return
        if (error !== undefined) notify({ ...common, code: 'failed' })
        emit('status', 0)
      },
    })
    return synchronizer
  }

  async function write(change: Change, limit?: number, written?: () => void): Promise<void> {
    if (store) await synchronized(secret)?.write(change, limit)
    else if (limit !== undefined && index.size >= limit) throw new SizeError(limit)
    written?.()
    apply(change)
  }

  async function add(members: EntryMembers, limit = size, written?: () => void): Promise<RevocationEntry> {
    const time = now()
    index.sweep(time)
    const added = createEntry(members, time, maxLifetime)
    await write({ added }, limit, written)
    return added
  }

  /** A misspelled issuer would revoke nothing. */
  async function checkIssuer(issuer: string | undefined): Promise<void> {
    if (issuer === undefined || hosts.size === 0) return
    for (const { issuers } of hosts) {
      const found = await issuers.select(issuer)
      if (!(found instanceof Refusal) || found.reason !== 'issuer') return
    }
    throw new ConfigurationError('revoke.issuer', 'is not an issuer of any resource server with this revocation()')
  }

  /** When the servers that are created together are all attached. */
  async function checkNames(): Promise<void> {
    await Promise.resolve()
    for (const notice of issuerNotices({ logout, sharedSignals }, hosts)) notify({ type: 'configuration', ...notice })
  }

  function check(token: RevocableToken, clockTolerance: Seconds, time: NumericDate): Refusal | undefined {
    if (index.covers(token, clockTolerance, time)) return invalidToken('revoked')
    const { format, expiresAt, issuedAt = time } = token
    const isTooLong = format === 'jwt' && expiresAt !== undefined && !(expiresAt - issuedAt <= maxLifetime)
    if (isTooLong) return TOO_LONG
    return refusalOfAll()
  }

  function refusalOfAll(): Refusal | undefined {
    if (!store || onStoreFailure === 'use_known') return undefined
    const age = synchronizer?.age()
    return age === undefined || age > staleIfError ? refusal : undefined
  }

  const receiver: Receiver = {
    verify: (raw, rules) => verifySecurityToken(raw, hosts, rules),
    revoke: createReceived({
      index,
      size,
      now,
      // Issuers that are resolved at run time are not found without waiting: there may be more than those that are loaded.
      isOnly: (name) => [...hosts].every(({ issuers }) => issuers.find(name) && issuers.all().length === 1),
      add,
    }),
    now,
    rejected: ({ problem }) => emit('rejected', 0, problem),
    ignored: (code) => emit('ignored', 0, code),
  }

  async function refreshed(): Promise<void> {
    await synchronized(secret)?.refresh()
    index.sweep(now())
  }

  return {
    attach(host) {
      const started = synchronized(secret ?? host.stores.secret)
      transmitters.attach(host)
      if (hosts.size === 0) void checkNames()
      hosts.add(host)
      started?.start()
      return {
        maxLifetime,
        check: (token, clockTolerance) => check(token, clockTolerance, host.clock()),
        get loading() {
          return started?.loading ?? (refusalOfAll() && started?.catchUp())
        },
        get refusal() {
          return refusalOfAll()
        },
        state,
        close() {
          hosts.delete(host)
          transmitters.close(host)
          if (hosts.size > 0) return
          report.stop()
          started?.stop()
        },
      }
    },
    async revoke(target, times = {}) {
      const members = membersOf(target, times, now())
      await checkIssuer(members.issuer)
      return add(members)
    },
    async list() {
      await refreshed()
      return index.entries(now())
    },
    async restore(entry) {
      await refreshed()
      const found = index.get(typeof entry === 'string' ? entry : entry.id)
      if (!found) throw new Error('bearward: this revocation is not in force')
      await write({ removed: found.id, expiresAt: found.expiresAt })
    },
    state,
    get backchannelLogout() {
      if (!logout)
        throw new ConfigurationError(
          'revocation.logout',
          'is missing: name the clients whose logout tokens are accepted',
        )
      return createBackchannelLogout(logout.clients.of, receiver)
    },
    get sharedSignals() {
      if (!sharedSignals)
        throw new ConfigurationError(
          'revocation.sharedSignals',
          'is missing: name the audience and issuers of the events',
        )
      return createSharedSignals(sharedSignals, transmitters, receiver)
    },
  }
}

/** A clock of the application that fails must not end the process, nor keep other servers from being told. */
function changed(host: RevocationHost): void {
  try {
    host.changed()
  } catch {
    // It fails each request as well.
  }
}

const TOO_LONG = invalidToken('lifetime', { option: 'revocation.maxLifetime' })
const unavailableFor = (cause: unknown): Refusal =>
  unavailable('revocation_unavailable', { retryAfter: RETRY_AFTER, cause })
