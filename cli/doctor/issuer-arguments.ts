import type { ClientAuthentication, IntrospectionOptions, IssuerOptions, IssuerResolver, Profile } from 'bearward'
import { ConfigurationError } from 'bearward'
import * as presets from 'bearward/providers'
import { type CliContext, fromEnvironment, UsageError } from '../context.ts'
import type { Values } from '../options.ts'

/** The options of the command line that make up an issuer. */
export const ISSUER_OPTIONS = {
  issuer: { type: 'string' },
  preset: { type: 'string' },
  set: { type: 'string', multiple: true },
  audience: { type: 'string', multiple: true },
  'any-audience': { type: 'boolean' },
  'sole-audience': { type: 'boolean' },
  client: { type: 'string', multiple: true },
  keys: { type: 'string' },
  profile: { type: 'string' },
  'allow-id-token-claims': { type: 'boolean' },
  'allow-insecure-requests': { type: 'boolean' },
  'scope-claim': { type: 'string', multiple: true },
  'token-prefix': { type: 'string', multiple: true },
  'internal-url': { type: 'string' },
  'introspection-endpoint': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret-env': { type: 'string' },
  'client-key-env': { type: 'string' },
  'client-auth': { type: 'string' },
} as const

export type IssuerArguments = Values<typeof ISSUER_OPTIONS>

/** The names of those that were given, `--issuer` aside. */
export const issuerArgumentsIn = (values: IssuerArguments): readonly string[] =>
  Object.keys(ISSUER_OPTIONS).filter((name) => name !== 'issuer' && Object.hasOwn(values, name))

/** The issuer that a command line describes. */
export function issuerFrom(
  values: IssuerArguments,
  context: CliContext,
): IssuerOptions | IssuerResolver | ConfigurationError {
  const { preset, issuer } = values
  const own = optionsFrom(values, context)
  if (preset === undefined) {
    if (issuer === undefined) throw new UsageError('--issuer, --preset or --config is required; see --help')
    if (values.set) throw new UsageError('--set needs --preset')
    return { issuer, ...own }
  }
  const found = presetOf(preset, values.set ?? [])
  if (found instanceof ConfigurationError) return found
  if (!('resolve' in found)) return { ...found, ...own }
  const { resolve } = found
  return { ...found, resolve: async (name) => ({ ...(await resolve(name)), ...own }) }
}

function presetOf(name: string, settings: readonly string[]): IssuerOptions | IssuerResolver | ConfigurationError {
  const all: Readonly<Record<string, unknown>> = { ...presets }
  const preset = Object.hasOwn(all, name) ? all[name] : undefined
  if (typeof preset !== 'function') throw new UsageError(`--preset must be one of ${Object.keys(all).join(', ')}`)
  try {
    return (preset as (given: unknown) => IssuerOptions | IssuerResolver)(settingsFrom(settings))
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown
    throw thrown
  }
}

/** Arguments that are always lists. */
const LISTS = ['clients', 'tenants']

/** `name=value`; the same name again makes a list. */
function settingsFrom(settings: readonly string[]): Readonly<Record<string, unknown>> {
  const found = new Map<string, readonly string[]>()
  for (const text of settings) {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError('--set must be of the form name=value')
    const name = text.slice(0, at)
    found.set(name, [...(found.get(name) ?? []), text.slice(at + 1)])
  }
  const argument = (name: string, values: readonly string[]): unknown => {
    if (values.length > 1 || LISTS.includes(name)) return values
    return name === 'version' ? Number(values[0]) : values[0]
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, argument(name, values)]))
}

function optionsFrom(values: IssuerArguments, context: CliContext): Partial<IssuerOptions> {
  const { audience, client, keys, profile, 'token-prefix': tokenPrefix, 'internal-url': internalUrl } = values
  if (audience && values['any-audience']) throw new UsageError('--audience cannot be combined with --any-audience')
  const introspection = introspectionFrom(values, context)
  return {
    ...(audience && { audience }),
    ...(values['any-audience'] && { audience: null }),
    ...(values['sole-audience'] && { soleAudience: true }),
    ...(client && { clients: client }),
    ...(keys !== undefined && { keys: keys === 'none' ? null : keys }),
    // The server checks it.
    ...(profile !== undefined && { profile: profile as Profile }),
    ...(values['allow-id-token-claims'] && { allowIdTokenClaims: true }),
    ...(values['allow-insecure-requests'] && { allowInsecureRequests: true }),
    ...(values['scope-claim'] && { scopeClaims: values['scope-claim'].map(scopeClaim) }),
    ...(tokenPrefix && { tokenPrefix }),
    ...(internalUrl !== undefined && { internalUrl }),
    ...(introspection && { introspection }),
  }
}

/** A name, or a path as a JSON array of names. */
function scopeClaim(text: string): string | readonly string[] {
  if (!text.startsWith('[')) return text
  try {
    return JSON.parse(text) as readonly string[]
  } catch {
    throw new UsageError('--scope-claim must be a name, or a JSON array of names')
  }
}

function introspectionFrom(values: IssuerArguments, context: CliContext): IntrospectionOptions | undefined {
  const client = clientOf(values, context)
  const endpoint = values['introspection-endpoint']
  if (!client && endpoint !== undefined) throw new UsageError('--introspection-endpoint needs --client-id')
  return client && { client, ...(endpoint !== undefined && { endpoint }) }
}

/** What each method of client authentication needs beside `--client-id`. */
const CREDENTIALS = {
  client_secret_basic: 'client-secret-env',
  client_secret_post: 'client-secret-env',
  private_key_jwt: 'client-key-env',
  none: undefined,
} as const

const isMethod = (name: string): name is keyof typeof CREDENTIALS => Object.hasOwn(CREDENTIALS, name)

function clientOf(values: IssuerArguments, context: CliContext): ClientAuthentication | undefined {
  const { 'client-id': clientId, 'client-key-env': key, 'client-auth': named } = values
  const given = (['client-secret-env', 'client-key-env'] as const).filter((name) => values[name] !== undefined)
  const method = named ?? (key === undefined ? 'client_secret_basic' : 'private_key_jwt')
  if (!isMethod(method)) throw new UsageError(`--client-auth must be one of ${Object.keys(CREDENTIALS).join(', ')}`)
  if (clientId === undefined && named === undefined && given.length === 0) return undefined
  const credential = CREDENTIALS[method]
  const variable = credential && values[credential]
  if (clientId === undefined || given.length !== (credential ? 1 : 0) || (credential && variable === undefined)) {
    const needed = ['--client-id', ...(credential ? [`--${credential}`] : [])].join(' and ')
    throw new UsageError(`client authentication with ${method} needs ${needed}, and no other credential`)
  }
  if (method === 'none') return { method, clientId }
  const value = fromEnvironment(context, credential ?? '', variable ?? '')
  if (method === 'private_key_jwt') return { method, clientId, key: jwkFrom(value) }
  return { method, clientId, clientSecret: value }
}

function jwkFrom(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    throw new UsageError('--client-key-env must name a variable with a private JWK')
  }
}
