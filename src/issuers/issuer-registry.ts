import { invalidToken, type Refusal } from '../errors/refusal.ts'
import type { IssuerParts } from './create-introspector.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import type { IssuerSettings } from './settings.ts'
import { createSharedState } from './shared-state.ts'

/** The trusted issuers. An unverified `iss` only ever selects among them (RFC 8725 §3.8). */
export interface Issuers {
  /** True for the issuers of a list, none of which is ever replaced. */
  readonly areFixed: boolean
  /** All that may be resolved at run time, if the option `allow` is an array. */
  readonly listed?: readonly string[] | undefined
  /** One of the configured issuers, without waiting. Always `undefined` where issuers are resolved at run time: use `select`. */
  find(iss: unknown): Issuer | undefined
  /** An issuer in memory, by the name that a verified token has. Not checked: whether it is still trusted. */
  loaded(name: string): Issuer | undefined
  /** A trusted issuer, resolved if it is not in memory. Refused with `issuer` if it is not trusted; then no request is sent. */
  select(iss: unknown): Promise<Issuer | Refusal>
  /** The loaded issuers. At first, those of a list. */
  all(): readonly Issuer[]
  /** Stops background work, including that of issuers that are resolved later. */
  close(): void
}

/** The issuers of a list. */
export function createListedIssuers(settings: readonly IssuerSettings[], context: IssuerParts): Issuers {
  const shared = createSharedState(settings.length, false)
  const byName = new Map<unknown, Issuer>(settings.map((one) => [one.issuer, createIssuer(one, context, shared)]))
  return {
    areFixed: true,
    find: (iss) => byName.get(iss),
    loaded: (name) => byName.get(name),
    select: async (iss) => byName.get(iss) ?? invalidToken('issuer'),
    all: () => [...byName.values()],
    close: () => shared.closing.close(),
  }
}
