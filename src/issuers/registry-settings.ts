import { func, list, optional, record, text, whole, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { IssuerResolver } from './options.ts'
import { checkIssuer, type IssuerSettings, RESOLVED_MEMBERS } from './settings.ts'

/** Whom a server trusts: issuers it was told of, or a function that knows them. */
export type TrustedIssuers = readonly IssuerSettings[] | ResolverSettings

export interface ResolverSettings {
  readonly allow: { has(issuer: string): boolean | Promise<boolean> }
  readonly listed: readonly string[] | undefined
  readonly alive: number
  readonly resolve: (issuer: string) => Promise<IssuerSettings>
}

export function checkIssuers(value: unknown, resource: string, maxKeys: number): TrustedIssuers {
  if (typeof value === 'object' && value !== null && 'resolve' in value) return checkResolver(value, resource, maxKeys)
  if (!Array.isArray(value)) return [checkIssuer(value, 'issuer', resource, maxKeys)]
  const issuers = list((element, option) => checkIssuer(element, option, resource, maxKeys))(value, 'issuer')
  const names = issuers.map(({ issuer }) => issuer)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ConfigurationError('issuer', `names ${twice} twice`)
  const prefixes = issuers.flatMap(({ tokenPrefix }) => tokenPrefix ?? [])
  const shared = prefixes.find((prefix, index) => prefixes.indexOf(prefix) !== index)
  if (shared !== undefined) throw new ConfigurationError('issuer', `gives the tokenPrefix ${shared} to two issuers`)
  const [, second] = issuers.filter(({ introspection, tokenPrefix }) => introspection && !tokenPrefix)
  if (second) {
    throw new ConfigurationError(
      `issuer[${issuers.indexOf(second)}].tokenPrefix`,
      'is missing: of several issuers that are asked about opaque tokens only one may be without it, ' +
        'since nothing else tells whose a token is, and none may be shown the tokens of another',
    )
  }
  return issuers
}

function checkResolver(value: object, resource: string, maxKeys: number): ResolverSettings {
  const from = record(value, 'issuer', ['allow', 'resolve', 'alive'])
  const resolve = func(from.resolve, 'issuer.resolve') as IssuerResolver['resolve']
  const listed = Array.isArray(from.allow) ? list(text)(from.allow, 'issuer.allow') : undefined
  const allow = listed ? new Set(listed) : (from.allow as ResolverSettings['allow'] | undefined)
  if (typeof allow?.has !== 'function')
    throw wrong('issuer.allow', from.allow, 'an array of issuers, or an object with has()')
  return Object.freeze({
    allow,
    listed,
    // With fewer places than issuers, tokens of some would push out the keys of others.
    alive: optional(
      from,
      'issuer',
      'alive',
      whole(listed?.length ?? 1, 1_000_000, 'issuers'),
      Math.max(1000, listed?.length ?? 0),
    ),
    async resolve(issuer: string) {
      const options = record(await resolve(issuer), 'issuer.resolve()', RESOLVED_MEMBERS)
      return checkIssuer({ ...options, issuer }, 'issuer.resolve()', resource, maxKeys)
    },
  })
}
