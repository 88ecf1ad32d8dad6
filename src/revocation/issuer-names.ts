import type { ConfigurationEvent } from '../events/events.ts'
import type { RevocationHost } from '../verifier/revocation.ts'
import type { LogoutClients, SharedSignalsSettings } from './options.ts'

/** The options that name issuers. */
export interface NamingOptions {
  readonly logout: { readonly clients: Pick<LogoutClients, 'issuers'> } | undefined
  readonly sharedSignals: Pick<SharedSignalsSettings, 'issuers'> | undefined
}

/**
 * A notice for each option that names an issuer that no resource server has: what is received for it is refused or revokes
 * nothing. Servers whose issuers are resolved at run time may have any.
 */
export function issuerNotices(
  { logout, sharedSignals }: NamingOptions,
  hosts: Iterable<Pick<RevocationHost, 'issuers'>>,
): readonly Omit<ConfigurationEvent, 'type'>[] {
  const all = [...hosts]
  const isUnknown = (name: string) => all.every(({ issuers }) => issuers.areFixed && !issuers.find(name))
  const ofClients = (logout?.clients.issuers ?? []).map(
    (name) => [`revocation.logout.clients[${JSON.stringify(name)}]`, name] as const,
  )
  const ofTransmitters = [...(sharedSignals?.issuers ?? [])].flatMap(([transmitter, { issuers }]) =>
    issuers.map((name) => [`revocation.sharedSignals.issuers[${JSON.stringify(transmitter)}].issuers`, name] as const),
  )
  const known = all.flatMap(({ issuers }) => issuers.all().map(({ name }) => name))
  return [...ofClients, ...ofTransmitters]
    .filter(([, name]) => isUnknown(name))
    .map(([option, name]) => ({
      issuer: undefined,
      option,
      problem: `names ${JSON.stringify(name)}, which is not an issuer of a resource server with this revocation(): ${known.join(', ')}`,
    }))
}
