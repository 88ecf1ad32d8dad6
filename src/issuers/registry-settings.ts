import { withMembers } from '../config/shape.ts'
import { type Checker, list } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isObject } from '../util/encoding.ts'
import { firstTwice } from '../util/first-twice.ts'
import type { Seconds } from '../util/time.ts'
import type { CheckIntrospection } from './check-introspection.ts'
import { isIssuerUrl } from './issuer-name.ts'
import type { LookupLimits } from './lookups.ts'
import type { SharedStores } from './record-secrets.ts'
import {
  type CheckedIssuer,
  type IntrospectionChecks,
  type IssuerSettings,
  issuerSettings,
  issuerShape,
} from './settings.ts'

/** The issuers that a server trusts: a list, or a function that finds them. */
export type TrustedIssuers = readonly IssuerSettings[] | ResolverSettings

export interface ResolverSettings {
  readonly allow: { has(issuer: string): boolean | Promise<boolean> }
  readonly listed: readonly string[] | undefined
  readonly alive: number
  readonly maxAge: Seconds
  readonly lookups: LookupLimits
  readonly resolve: (issuer: string) => Promise<IssuerSettings>
}

/** The options of the server that complete those of its issuers. */
export interface ServerRules {
  readonly resource: string
  readonly maxKeys: number
  readonly stores: SharedStores
}

/** A checked resolver, to be completed. */
export type CheckedResolver = (server: ServerRules) => ResolverSettings

/** The checks of the options of issuers that belong to features. */
export interface IssuerChecks extends IntrospectionChecks {
  /** What the options for introspection say together. */
  readonly checkIntrospection: CheckIntrospection
  readonly resolver: Checker<CheckedResolver>
}

/** One issuer, several, or a resolver; complete only with {@link trustedIssuers}. */
export function issuers(checks: IssuerChecks) {
  const one = issuerShape(checks)
  return withMembers<CheckedIssuer | readonly CheckedIssuer[] | CheckedResolver>(one.members, (value, option, hint) => {
    if (isObject(value) && 'resolve' in value) return checks.resolver(value, option, hint)
    return (Array.isArray(value) ? list(one) : one)(value, option, hint)
  })
}

/** Completes the issuers by the options of the server, and checks them against each other. */
export function trustedIssuers(
  from: ReturnType<ReturnType<typeof issuers>>,
  server: ServerRules,
  checks: IssuerChecks,
): TrustedIssuers {
  if (typeof from === 'function') return from(server)
  const complete = (one: CheckedIssuer, option: string) => ({
    settings: issuerSettings(one, option, server.resource, server.maxKeys),
    option,
  })
  const named =
    'issuer' in from ? [complete(from, 'issuer')] : from.map((one, index) => complete(one, `issuer[${index}]`))
  const all = named.map(({ settings }) => settings)
  const twice = firstTwice(all.map(({ issuer }) => issuer))
  if (twice !== undefined) throw new ConfigurationError('issuer', `names ${twice} twice`)
  checks.checkIntrospection(named, server.stores)
  return all
}

/** The issuers that metadata can refer to (RFC 9728 §2); `undefined` if there are none, or they are not listed. */
export function publishedIssuers(trusted: TrustedIssuers): readonly string[] | undefined {
  const names =
    'resolve' in trusted
      ? trusted.listed?.filter((name) => isIssuerUrl(name, false))
      : trusted.filter((one) => isIssuerUrl(one.issuer, one.allowInsecureRequests)).map(({ issuer }) => issuer)
  return names?.length === 0 ? undefined : names
}
