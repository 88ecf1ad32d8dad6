import { func, member, number, oneOf, optional, record, secureUrl, whole } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { BreakerSettings } from '../util/circuit-breaker.ts'
import type { Seconds } from '../util/time.ts'
import { type ClientSettings, checkClient } from './client-settings.ts'
import type { VerifyToken } from './options.ts'

/** The checked options for tokens that an issuer, or a function of the application, has to be asked about. */
export type AskingSettings = VerdictSettings & (IntrospectionSettings | VerifySettings)

export interface VerdictSettings {
  readonly active: Seconds
  readonly inactive: Seconds
  readonly deadline: Seconds
  readonly breaker: BreakerSettings
}

export interface IntrospectionSettings {
  readonly by: 'introspection'
  /** `undefined` where it is discovered. */
  readonly endpoint: string | undefined
  readonly client: ClientSettings
  /** True if only signed answers are taken (RFC 9701). */
  readonly signed: boolean
}

export interface VerifySettings {
  readonly by: 'verify'
  readonly check: VerifyToken
}

const VERDICT_MEMBERS = ['active', 'inactive', 'deadline', 'breaker']

const ANY = Number.MAX_SAFE_INTEGER

/** The options `introspection` and `verify` of an issuer, which exclude each other. */
export function checkAsking(issuer: Readonly<Record<string, unknown>>, option: string): AskingSettings | undefined {
  const [introspects, verifies] = [Object.hasOwn(issuer, 'introspection'), Object.hasOwn(issuer, 'verify')]
  if (introspects && verifies)
    throw new ConfigurationError(member(option, 'verify'), 'and introspection both decide the same tokens; choose one')
  if (introspects) return checkIntrospection(issuer.introspection, member(option, 'introspection'))
  return verifies ? checkVerify(issuer.verify, member(option, 'verify')) : undefined
}

function checkIntrospection(value: unknown, option: string): AskingSettings {
  const from = record(value, option, ['endpoint', 'client', 'signed', ...VERDICT_MEMBERS])
  if (!Object.hasOwn(from, 'client'))
    throw new ConfigurationError(member(option, 'client'), 'is missing: how do we authenticate at the endpoint?')
  return Object.freeze({
    by: 'introspection',
    endpoint: optional(from, option, 'endpoint', secureUrl, undefined),
    client: checkClient(from.client, member(option, 'client')),
    signed: optional(from, option, 'signed', oneOf('off', 'require'), 'off') === 'require',
    ...checkVerdicts(from, option),
  })
}

function checkVerify(value: unknown, option: string): AskingSettings {
  const from = typeof value === 'function' ? { check: value } : record(value, option, ['check', ...VERDICT_MEMBERS])
  return Object.freeze({
    by: 'verify',
    check: func(from.check, member(option, 'check')) as VerifyToken,
    ...checkVerdicts(from, option),
  })
}

function checkVerdicts(from: Readonly<Record<string, unknown>>, option: string): VerdictSettings {
  return {
    active: optional(from, option, 'active', number(0, 86_400, 'seconds'), 60),
    inactive: optional(from, option, 'inactive', number(0, 86_400, 'seconds'), 10),
    deadline: optional(from, option, 'deadline', number(0.001, 300, 'seconds'), 2),
    breaker: checkBreaker(Object.hasOwn(from, 'breaker') ? from.breaker : {}, member(option, 'breaker')),
  }
}

function checkBreaker(value: unknown, option: string): BreakerSettings {
  const from = record(value, option, ['failures', 'pause', 'pauseLimit'])
  const pause = optional(from, option, 'pause', number(0.001, 3600, 'seconds'), 1)
  return Object.freeze({
    failures: optional(from, option, 'failures', whole(1, 1_000_000, 'failures'), 5),
    pause,
    pauseLimit: optional(from, option, 'pauseLimit', number(pause, ANY, 'seconds'), Math.max(30, pause)),
  })
}
