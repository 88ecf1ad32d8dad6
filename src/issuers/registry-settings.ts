import { type Checked, optional, required, shape, withMembers } from '../config/shape.ts'
import { type Checker, func, list, MAX, number, whole, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { isObject } from '../util/encoding.ts'
import type { Seconds } from '../util/time.ts'
import { isIssuerUrl, issuerName } from './issuer-name.ts'
import type { LookupLimits } from './lookups.ts'
import type { IssuerResolver } from './options.ts'
import { requireSharable, type SharedStores } from './record-secrets.ts'
import {
  type CheckedIssuer,
  type IntrospectionChecks,
  type IssuerSettings,
  issuerSettings,
  issuerShape,
  resolvedShape,
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

const allow: Checker<Pick<ResolverSettings, 'allow' | 'listed'>> = (value, option) => {
  const listed = Array.isArray(value) ? list(issuerName)(value, option).map(({ name }) => name) : undefined
  if (value instanceof Set) for (const entry of value) issuerName(entry, option)
  const allow = listed ? new Set(listed) : (value as ResolverSettings['allow'] | null | undefined)
  if (typeof allow?.has !== 'function') throw wrong(option, value, 'an array of issuers, or an object with has()')
  return { allow, listed }
}

/** A function that returns checked options. */
const resolve =
  (checks: IntrospectionChecks): Checker<(issuer: string) => Promise<CheckedIssuer>> =>
  (value, option) => {
    const resolveOptions = func(value, option) as IssuerResolver['resolve']
    const check = resolvedShape(checks)
    return async (issuer) => {
      const options = check(await resolveOptions(issuer), RESOLVED)
      return { ...options, issuer: issuerName(issuer, `${RESOLVED}.issuer`) }
    }
  }

export const resolverShape = (checks: IntrospectionChecks) =>
  shape({
    allow: required(allow, 'an array of issuers, or an object with has()'),
    resolve: required(resolve(checks)),
    maxAge: optional(number(1, MAX, 'seconds'), 600),
    lookups: optional(
      shape({
        maxConcurrent: optional(whole(1, 100_000, 'lookups'), 50),
        perSecond: optional(whole(1, 100_000, 'lookups'), 20),
      }),
      {},
    ),
    // With fewer entries than issuers, tokens of some would evict the keys of others.
    alive: ({ allow: { listed = [] } }: { readonly allow: Pick<ResolverSettings, 'listed'> }) =>
      optional(whole(Math.max(1, listed.length), 1_000_000, 'issuers'), Math.max(1000, listed.length)),
  })

type CheckedResolver = Checked<ReturnType<typeof resolverShape>['members']>

/** One issuer, several, or a resolver; complete only with {@link trustedIssuers}. */
export function issuers(checks: IntrospectionChecks) {
  const one = issuerShape(checks)
  return withMembers<CheckedIssuer | readonly CheckedIssuer[] | CheckedResolver>(one.members, (value, option, root) => {
    if (isObject(value) && 'resolve' in value) return resolverShape(checks)(value, option, root)
    return (Array.isArray(value) ? list(one) : one)(value, option, root)
  })
}

/** Completes the issuers by the options of the server, and checks them against each other. */
export function trustedIssuers(
  from: ReturnType<ReturnType<typeof issuers>>,
  resource: string,
  maxKeys: number,
  stores: SharedStores,
): TrustedIssuers {
  if ('resolve' in from) return resolver(from, resource, maxKeys, stores)
  const complete = (one: CheckedIssuer, option: string) =>
    requireSharable(issuerSettings(one, option, resource, maxKeys), option, stores)
  if ('issuer' in from) return [complete(from, 'issuer')]
  const all = from.map((one, index) => complete(one, `issuer[${index}]`))
  const twice = firstTwice(all.map(({ issuer }) => issuer))
  if (twice !== undefined) throw new ConfigurationError('issuer', `names ${twice} twice`)
  const shared = firstTwice(all.flatMap(({ tokenPrefix }) => tokenPrefix ?? []))
  if (shared !== undefined) throw new ConfigurationError('issuer', `gives the tokenPrefix ${shared} to two issuers`)
  const [, second] = all.filter(({ introspection, tokenPrefix }) => introspection && !tokenPrefix)
  if (second) {
    throw new ConfigurationError(
      `issuer[${all.indexOf(second)}].tokenPrefix`,
      'is missing: an opaque token does not name its issuer, so only one issuer may omit its prefix',
    )
  }
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

const firstTwice = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index)

function resolver(
  { allow, alive, maxAge, lookups, resolve }: CheckedResolver,
  resource: string,
  maxKeys: number,
  stores: SharedStores,
): ResolverSettings {
  return Object.freeze({
    ...allow,
    alive,
    maxAge,
    lookups,
    async resolve(issuer: string) {
      return requireSharable(issuerSettings(await resolve(issuer), RESOLVED, resource, maxKeys), RESOLVED, stores)
    },
  })
}

const RESOLVED = 'issuer.resolve()'
