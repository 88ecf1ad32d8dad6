import type { ConfigurationEvent } from '../events/events.ts'
import type { RevocationHost } from '../verifier/revocation.ts'
import type { LogoutClients, SharedSignalsSettings } from './options.ts'

/** The options that depend on the issuers of the servers. */
export interface NamingOptions {
  readonly logout: { readonly clients: Pick<LogoutClients, 'issuers'> } | undefined
  readonly sharedSignals: Pick<SharedSignalsSettings, 'issuers'> | undefined
}

type Host = Pick<RevocationHost, 'issuers'>
type Notice = Omit<ConfigurationEvent, 'type'>

/**
 * A notice for each option that can never have an effect: it names an issuer that no resource server has, so that what is
 * received for it revokes nothing; or no issuer it is about has keys, so that everything it could receive is refused.
 */
export function issuerNotices({ logout, sharedSignals }: NamingOptions, hosts: ReadonlySet<Host>): readonly Notice[] {
  const lists = [...hosts].map(namesOf)
  const verifying = [...hosts].map(verifiableOf)
  const notices: Notice[] = []
  const add = (option: string, problem: string) =>
    notices.push({ issuer: undefined, option: `revocation.${option}`, problem })
  const isKnown = (name: string, option: string) => {
    if (mayHave(lists, name)) return true
    add(option, `names ${JSON.stringify(name)}, which is not an issuer of a ${SERVER}: ${summary(lists)}`)
    return false
  }
  const clients = logout?.clients.issuers ?? []
  for (const name of clients) {
    const option = `logout.clients[${JSON.stringify(name)}]`
    if (isKnown(name, option) && !mayHave(verifying, name)) add(option, NOTHING)
  }
  for (const [transmitter, { issuers }] of sharedSignals?.issuers ?? [])
    for (const name of issuers) isKnown(name, `sharedSignals.issuers[${JSON.stringify(transmitter)}].issuers`)
  if (verifying.every((names) => names?.length === 0)) {
    if (logout && clients.length === 0) add('logout', NOTHING)
    if (sharedSignals?.issuers.size === 0) add('sharedSignals', NOTHING)
  }
  return notices
}

const SERVER = 'resource server with this revocation()'
const NOTHING = `accepts nothing: no ${SERVER} has keys to verify it`
const MAX_NAMES = 10

/** The names of issuers; `undefined` if they are not known without asking the application, so that it may be any. */
type Names = readonly string[] | undefined

const namesOf = ({ issuers }: Host): Names =>
  issuers.areFixed ? issuers.all().map(({ name }) => name) : issuers.listed

/** Options that are resolved may have keys. */
const verifiableOf = (host: Host): Names =>
  namesOf(host)?.filter((name) => !host.issuers.areFixed || host.issuers.find(name)?.local)

const mayHave = (lists: readonly Names[], name: string) => lists.some((names) => names?.includes(name) ?? true)

function summary(lists: readonly Names[]): string {
  const names = [...new Set(lists.flatMap((list) => list ?? []))]
  const rest = names.length - MAX_NAMES
  return names.slice(0, MAX_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
