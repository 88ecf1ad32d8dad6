import { func, member, number, oneOf, optional, record, secureUrl, text, whole } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { BreakerSettings } from '../util/circuit-breaker.ts'
import type { Seconds } from '../util/time.ts'
import { type ClientSettings, checkClient } from './client-settings.ts'
import type { IntrospectToken } from './options.ts'

/** The checked options for tokens that are introspected, at an endpoint or by a function of the application. */
export type IntrospectionSettings = IntrospectorSettings & (EndpointSettings | FunctionSettings)

export interface IntrospectorSettings {
  readonly cache: CacheSettings
  readonly deadline: Seconds
  readonly breaker: BreakerSettings
}

/** For how long responses are used, by what they say about the token. */
export interface CacheSettings {
  readonly active: Seconds
  readonly inactive: Seconds
}

export interface EndpointSettings {
  readonly by: 'endpoint'
  /** `undefined` where it is discovered. */
  readonly endpoint: string | undefined
  readonly client: ClientSettings
  /** True if only signed responses are accepted (RFC 9701). */
  readonly signed: boolean
}

export interface FunctionSettings {
  readonly by: 'function'
  /** Distinguishes its responses from those of another function in a shared store. */
  readonly name: string | undefined
  readonly check: IntrospectToken
}

const COMMON_MEMBERS = ['cache', 'deadline', 'breaker']

const MAX = Number.MAX_SAFE_INTEGER

/** The options `introspection` and `introspect` of an issuer, which exclude each other. */
export function checkIntrospection(
  issuer: Readonly<Record<string, unknown>>,
  option: string,
): IntrospectionSettings | undefined {
  const [byEndpoint, byFunction] = [Object.hasOwn(issuer, 'introspection'), Object.hasOwn(issuer, 'introspect')]
  if (byEndpoint && byFunction)
    throw new ConfigurationError(member(option, 'introspect'), 'and introspection decide the same tokens; choose one')
  if (byEndpoint) return checkEndpoint(issuer.introspection, member(option, 'introspection'))
  return byFunction ? checkFunction(issuer.introspect, member(option, 'introspect')) : undefined
}

function checkEndpoint(value: unknown, option: string): IntrospectionSettings {
  const from = record(value, option, ['endpoint', 'client', 'signed', ...COMMON_MEMBERS])
  if (!Object.hasOwn(from, 'client'))
    throw new ConfigurationError(member(option, 'client'), 'is missing: how do we authenticate at the endpoint?')
  return Object.freeze({
    by: 'endpoint',
    endpoint: optional(from, option, 'endpoint', secureUrl, undefined),
    client: checkClient(from.client, member(option, 'client')),
    signed: optional(from, option, 'signed', oneOf('off', 'require'), 'off') === 'require',
    ...checkIntrospector(from, option),
  })
}

function checkFunction(value: unknown, option: string): IntrospectionSettings {
  const from =
    typeof value === 'function' ? { check: value } : record(value, option, ['name', 'check', ...COMMON_MEMBERS])
  return Object.freeze({
    by: 'function',
    name: optional(from, option, 'name', text, undefined),
    check: func(from.check, member(option, 'check')) as IntrospectToken,
    ...checkIntrospector(from, option),
  })
}

function checkIntrospector(from: Readonly<Record<string, unknown>>, option: string): IntrospectorSettings {
  return {
    cache: checkCache(Object.hasOwn(from, 'cache') ? from.cache : {}, member(option, 'cache')),
    deadline: optional(from, option, 'deadline', number(0.001, 300, 'seconds'), 2),
    breaker: checkBreaker(Object.hasOwn(from, 'breaker') ? from.breaker : {}, member(option, 'breaker')),
  }
}

function checkCache(value: unknown, option: string): CacheSettings {
  const from = record(value, option, ['active', 'inactive'])
  return Object.freeze({
    active: optional(from, option, 'active', number(0, 86_400, 'seconds'), 60),
    inactive: optional(from, option, 'inactive', number(0, 86_400, 'seconds'), 10),
  })
}

function checkBreaker(value: unknown, option: string): BreakerSettings {
  const from = record(value, option, ['failures', 'delay', 'maxDelay'])
  const delay = optional(from, option, 'delay', number(0.001, 3600, 'seconds'), 1)
  return Object.freeze({
    failures: optional(from, option, 'failures', whole(1, 1_000_000, 'failures'), 5),
    delay,
    maxDelay: optional(from, option, 'maxDelay', number(delay, MAX, 'seconds'), Math.max(30, delay)),
  })
}
