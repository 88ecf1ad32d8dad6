import { ConfigurationError } from '../errors/errors.ts'
import { invalidToken, Refusal } from '../errors/refusal.ts'
import type { RevocationEvent } from '../events/events.ts'
import type { NumericDate } from '../util/time.ts'
import { unreferenced } from '../util/unreferenced-timer.ts'
import type { RevocableToken, Revocation, RevocationHost, RevocationState } from '../verifier/revocation.ts'
import { createEntry, type EntryMembers, membersOf, type RevocationEntry, type RevocationTarget } from './entry.ts'
import { type RevocationOptions, revocationShape } from './options.ts'
import { createRevocationIndex } from './revocation-index.ts'

/** Revokes tokens before they expire. It is also the option `revocation` of resource servers. */
export interface Revocations extends Revocation {
  /**
   * Revokes tokens. `jti` and `sid` cover every token that has them; `sub`, `client` and `all` those issued up to now.
   *
   * Clocks differ, so "up to now" means up to now plus the clock tolerance of the issuer: someone who signs in again
   * immediately may have to wait that long for a token that is accepted. State `before` to avoid that.
   *
   * @param options `before`: only tokens with an `iat` up to this time, and tokens without `iat`
   * @returns the entry, for {@link restore}
   * @throws {ConfigurationError} an unknown or `undefined` member, an issuer that no server trusts
   * @throws {Error} if there are `size` revocations already
   */
  revoke(target: RevocationTarget, options?: { readonly before?: NumericDate }): Promise<RevocationEntry>
  /** The revocations in force, oldest first. */
  list(): Promise<readonly RevocationEntry[]>
  /**
   * Undoes a revocation.
   *
   * @param entry what {@link revoke} or {@link list} returned, or its `id`
   * @throws {Error} if it is not in force
   */
  restore(entry: RevocationEntry | string): Promise<void>
  state(): RevocationState
}

// Milliseconds within which revocations are reported to the servers together.
const TOGETHER = 100

/**
 * Creates the revocations of one or several resource servers: `resourceServer({ …, revocation: revocation() })`.
 *
 * @throws {ConfigurationError} naming the option that is wrong
 */
export function revocation(options: RevocationOptions = {}): Revocations {
  const { maxLifetime, size } = revocationShape(options, 'revocation')
  const index = createRevocationIndex()
  const hosts = new Set<RevocationHost>()
  const report = unreferenced(() => {
    for (const host of hosts) host.changed()
  })

  const now = (): NumericDate => {
    const [host] = hosts
    return host ? host.clock() : Date.now() / 1000
  }

  function state(): RevocationState {
    index.sweep(now())
    return { status: 'current', entries: index.size, age: 0 }
  }

  function emit(action: RevocationEvent['action'], count: number): void {
    const { status } = state()
    for (const { events } of hosts) events.emit({ type: 'revocation', action, count, status })
  }

  async function add(members: EntryMembers): Promise<RevocationEntry> {
    const time = now()
    index.sweep(time)
    if (index.size >= size) throw new Error(`bearward: there are ${size} revocations already; see revocation.size`)
    const entry = createEntry(members, time, maxLifetime)
    index.add(entry)
    report.start(TOGETHER)
    emit('added', 1)
    return entry
  }

  /** A misspelled issuer would revoke nothing. */
  async function checkIssuer(issuer: string | undefined): Promise<void> {
    if (issuer === undefined || hosts.size === 0) return
    for (const { issuers } of hosts) {
      const found = await issuers.select(issuer)
      if (!(found instanceof Refusal) || found.reason !== 'issuer') return
    }
    throw new ConfigurationError('revoke.issuer', 'is not an issuer of a resource server that has these revocations')
  }

  function check(token: RevocableToken, clockTolerance: number, time: NumericDate): Refusal | undefined {
    if (index.covers(token, clockTolerance, time)) return invalidToken('revoked')
    const { format, expiresAt, issuedAt = time } = token
    const isTooLong = format === 'jwt' && expiresAt !== undefined && !(expiresAt - issuedAt <= maxLifetime)
    return isTooLong ? TOO_LONG : undefined
  }

  return {
    attach(host) {
      hosts.add(host)
      return {
        check: (token, clockTolerance) => check(token, clockTolerance, host.clock()),
        loading: undefined,
        state,
        close() {
          hosts.delete(host)
          if (hosts.size === 0) report.stop()
        },
      }
    },
    async revoke(target, times = {}) {
      const members = membersOf(target, times, now())
      await checkIssuer(members.issuer)
      return add(members)
    },
    list: async () => index.entries(now()),
    async restore(entry) {
      const found = index.get(typeof entry === 'string' ? entry : entry.id)
      if (!found) throw new Error('bearward: this revocation is not in force')
      index.remove(found.id, found.expiresAt)
      emit('removed', 1)
    },
    state,
  }
}

const TOO_LONG = invalidToken('lifetime', { option: 'revocation.maxLifetime' })
