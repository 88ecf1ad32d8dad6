import { optional, required, shape, withMembers } from '../config/shape.ts'
import { type Checker, func, list, MAX, number, whole, withMethods } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { CheckIntrospection } from './check-introspection.ts'
import { issuerName } from './issuer-name.ts'
import type { IssuerResolver } from './options.ts'
import type { CheckedResolver, ResolverSettings } from './registry-settings.ts'
import { type CheckedIssuer, type IntrospectionChecks, issuerSettings, resolvedShape } from './settings.ts'

const ALLOWED = 'an array of issuers, or an object with has()'

const allowList = withMethods<ResolverSettings['allow']>(ALLOWED, 'has')

const allow: Checker<Pick<ResolverSettings, 'allow' | 'listed'>> = (value, option) => {
  const listed = Array.isArray(value) ? list(issuerName)(value, option).map(({ name }) => name) : undefined
  if (value instanceof Set) for (const entry of value) issuerName(entry, option)
  return { allow: listed ? new Set(listed) : allowList(value, option), listed }
}

/** A function that returns checked options. */
const resolve =
  (checks: IntrospectionChecks): Checker<(issuer: string) => Promise<CheckedIssuer>> =>
  (value, option) => {
    const resolveOptions = func(value, option) as IssuerResolver['resolve']
    const check = resolvedShape(checks)
    return async (issuer) => {
      const options = check(await resolveOptions(issuer), RESOLVED)
      if (options.issuer && options.issuer.name !== issuer)
        throw new ConfigurationError(`${RESOLVED}.issuer`, 'is another issuer than the one to resolve')
      return { ...options, issuer: issuerName(issuer, `${RESOLVED}.issuer`) }
    }
  }

export const resolverShape = (checks: IntrospectionChecks) =>
  shape({
    allow: required(allow, ALLOWED),
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

/** The option `issuer`, where it finds the issuers at run time. */
export function issuerResolver(checks: IntrospectionChecks, checkIntrospection: CheckIntrospection) {
  const check = resolverShape(checks)
  return withMembers<CheckedResolver>(check.members, (value, option, hint) => {
    const { allow, resolve, ...others } = check(value, option, hint)
    return ({ resource, maxKeys, stores }) =>
      Object.freeze({
        ...allow,
        ...others,
        async resolve(issuer: string) {
          const settings = issuerSettings(await resolve(issuer), RESOLVED, resource, maxKeys)
          checkIntrospection([{ settings, option: RESOLVED }], stores)
          return settings
        },
      })
  })
}

const RESOLVED = 'issuer.resolve()'
