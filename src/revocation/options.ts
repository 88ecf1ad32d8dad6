import { type Secret, secrets } from '../config/secret.ts'
import { optional, required, shape } from '../config/shape.ts'
import {
  type Checker,
  dictionary,
  number,
  oneOf,
  oneOrList,
  secret,
  secureUrl,
  text,
  UNSET,
  whole,
  withMethods,
} from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { signerKeys } from '../features/signer.ts'
import type { JsonWebKeySet } from '../jwks/types.ts'
import type { RevocationStore } from '../stores/revocation-store.ts'
import { isObject } from '../util/encoding.ts'
import type { Seconds } from '../util/time.ts'

/** The options of {@link revocation}. A wrong one is a {@link ConfigurationError}. */
export interface RevocationOptions {
  /**
   * Shares the revocations between processes: `revocationStore(client)` of `bearward/redis`. Without a store, each process
   * has its own.
   */
  readonly store?: RevocationStore
  /** Authenticates the records in the store. Default: `stores.secret` of the resource servers, the same in all. */
  readonly secret?: Secret | readonly Secret[]
  /** How long the store may be unreachable before requests get 503. Default: `30`; from 1 to 86400. */
  readonly staleIfError?: Seconds
  /**
   * What happens after that time, or if the store has been unreachable since the start: `refuse` responds with 503,
   * `use_known` accepts tokens that were revoked in the meantime. Default: `'refuse'`.
   */
  readonly onStoreFailure?: 'refuse' | 'use_known'
  /**
   * The longest lifetime of a JWT (`exp` − `iat`; without `iat`, what is left of it). A JWT that lives longer is refused
   * with 401 `lifetime`: it would outlive its revocation. Default: `86400`; from 1 to 31536000.
   */
  readonly maxLifetime?: Seconds
  /**
   * How many revocations are held. If there are more, `revoke()` rejects. Those that endpoints receive may use 90 % of the
   * places; with several issuers, one of them may only use as many as it leaves free. Default: `100000`; from 1 to 10000000.
   */
  readonly size?: number
  /** Back-channel logout (OpenID Connect): what the endpoint `backchannelLogout` accepts. */
  readonly logout?: LogoutOptions
  /** Shared Signals (CAEP, RISC): what the endpoint `sharedSignals` accepts. */
  readonly sharedSignals?: SharedSignalsOptions
}

/** Which logout tokens are accepted. */
export interface LogoutOptions {
  /**
   * The clients that are signed out: the `aud` of logout tokens has one of them. A list is for every issuer; an object
   * has the clients of each issuer.
   */
  readonly clients: string | readonly string[] | Readonly<Record<string, string | readonly string[]>>
}

const store = withMethods<RevocationStore>(
  'a store with read() and add(), such as revocationStore(client)',
  'read',
  'add',
)

/** Which security events are accepted. */
export interface SharedSignalsOptions {
  /** Accepted values of `aud`: what the transmitter calls this receiver. */
  readonly audience: string | readonly string[]
  /**
   * Transmitters that may revoke tokens of other issuers, or are no issuer themselves, by the `iss` of their events. A
   * configured issuer that is not listed may revoke its own tokens.
   */
  readonly issuers?: Readonly<Record<string, TransmitterOptions>>
  /** The whole value of the `Authorization` header that transmitters must send. Default: not checked. */
  readonly authorization?: string
}

/** A transmitter. */
export interface TransmitterOptions {
  /** The issuers whose tokens it may revoke, by their exact `iss`. */
  readonly issuers: string | readonly string[]
  /**
   * The URL of its key set, or the set. Default: the keys of the configured issuer of that name, otherwise those in its
   * `/.well-known/ssf-configuration`.
   */
  readonly keys?: string | JsonWebKeySet
}

export interface TransmitterSettings {
  readonly issuers: readonly string[]
  readonly keys: string | JsonWebKeySet | undefined
}

const transmitterShape = shape({
  issuers: required(oneOrList(text), 'the issuers whose tokens the transmitter may revoke'),
  keys: optional(signerKeys),
})

const transmitters: Checker<ReadonlyMap<string, TransmitterSettings>> = (value, option) =>
  new Map(
    Object.entries(dictionary(value, option)).map(([name, one]) => {
      const path = `${option}[${JSON.stringify(name)}]`
      return [secureUrl(name, path), transmitterShape(one, path)]
    }),
  )

/** RFC 9110 §5.5: a header value arrives without the space around it, so that one with it never matches. */
const headerValue: Checker<string> = (value, option) => {
  const required = secret(value, option)
  if (required === required.trim()) return required
  throw new ConfigurationError(option, `must not begin or end with a space (${UNSET})`)
}

const sharedSignals = shape({
  audience: required(oneOrList(text), 'the aud of its security events'),
  issuers: optional(transmitters, {}),
  authorization: optional(headerValue),
})

export type SharedSignalsSettings = ReturnType<typeof sharedSignals>

/** Whose logout tokens are accepted. */
export interface LogoutClients {
  of(issuer: string): readonly string[] | undefined
  /** The issuers, where the options name them; empty where the clients are those of every issuer. */
  readonly issuers: readonly string[]
}

const clients: Checker<LogoutClients> = (value, option) => {
  if (!isObject(value)) {
    const all = oneOrList(text)(value, option)
    return { of: () => all, issuers: [] }
  }
  const named = Object.entries(dictionary(value, option)).map(
    ([issuer, one]) => [issuer, oneOrList(text)(one, `${option}[${JSON.stringify(issuer)}]`)] as const,
  )
  if (named.length === 0) throw new ConfigurationError(option, 'must name an issuer; got an empty object')
  const byIssuer = new Map(named)
  return { of: (issuer) => byIssuer.get(issuer), issuers: [...byIssuer.keys()] }
}

export const revocationShape = shape({
  store: optional(store),
  secret: optional(secrets),
  staleIfError: optional(number(1, 86_400, 'seconds'), 30),
  onStoreFailure: optional(oneOf('refuse', 'use_known'), 'refuse'),
  maxLifetime: optional(number(1, 31_536_000, 'seconds'), 86_400),
  logout: optional(shape({ clients: required(clients, 'the clients whose logout tokens are accepted') })),
  sharedSignals: optional(sharedSignals),
  size: optional(whole(1, 10_000_000, 'revocations'), 100_000),
})
