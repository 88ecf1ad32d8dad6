import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { Scheme } from '../http/credentials.ts'
import type { TrustedIssuers } from '../issuers/registry-settings.ts'
import type { BindingMode, BindingModes } from '../sender-constraint/mode.ts'
import type { DpopSettings, MtlsSettings } from '../sender-constraint/settings.ts'
import type { Seconds } from '../util/time.ts'
import { canSignIn, requiredScopes } from './demand.ts'
import { flatten, type Guard, namesOf, toGuards, unique } from './guard.ts'

/** Guards that have been checked, with what they require together. */
export class Guards {
  readonly list: readonly Guard[]
  readonly scopes: readonly string[]
  /** How many seconds ago, at most, the token may have been introspected. */
  readonly maxAge: Seconds
  /** The modes of this route for sender-constrained tokens. */
  readonly modes: BindingModes
  /** The schemes in which a token may come. */
  readonly schemes: readonly Scheme[]

  constructor(guards: readonly unknown[], settings: GuardSettings) {
    const { scopes: declared, issuers } = settings
    this.list = flatten(toGuards(guards, 'protect'))
    this.scopes = unique(this.list.flatMap((guard) => requiredScopes(guard, settings.graph)))
    const strange = declared && namesOf(this.list).find((name) => !declared.includes(name))
    if (strange !== undefined) {
      throw new ConfigurationError('scopes', `does not declare ${JSON.stringify(strange)}, which a guard names`)
    }
    if (!canSignIn(this.list)) {
      throw new ConfigurationError('authentication', 'is demanded twice on one route, and no acr satisfies both')
    }
    this.maxAge = Math.min(...this.list.map(({ maxAge }) => maxAge ?? Number.POSITIVE_INFINITY))
    if (this.maxAge !== Number.POSITIVE_INFINITY) requireIntrospection(issuers)
    this.modes = { dpop: modeOf('dpop', this.list, settings), mtls: modeOf('mtls', this.list, settings) }
    this.schemes = SCHEMES[this.modes.dpop]
  }
}

interface GuardSettings {
  readonly scopes: readonly string[] | undefined
  readonly graph: ScopeGraph
  readonly issuers: TrustedIssuers
  readonly dpop: Pick<DpopSettings, 'mode'>
  readonly mtls: Pick<MtlsSettings, 'mode'>
}

const BEARER: readonly Scheme[] = Object.freeze(['Bearer'])
const BOTH: readonly Scheme[] = Object.freeze(['Bearer', 'DPoP'])
const DPOP: readonly Scheme[] = Object.freeze(['DPoP'])

/** In which schemes tokens come, by what is made of DPoP. */
export const SCHEMES: Readonly<Record<BindingMode, readonly Scheme[]>> = {
  off: BEARER,
  accept: BOTH,
  'report-only': BOTH,
  require: DPOP,
}

function modeOf(binding: keyof BindingModes, guards: readonly Guard[], settings: GuardSettings): BindingMode {
  const named = guards.flatMap((guard) => guard.binding?.[binding] ?? [])
  const [mode = settings[binding].mode, another] = named
  if (another !== undefined) throw new ConfigurationError(binding, `is set twice on one route: ${mode} and ${another}`)
  const ofServer = settings[binding].mode
  if (mode !== 'off' && ofServer === 'off') {
    throw new ConfigurationError(binding, `is off for this server; set ${binding}: 'accept' there`)
  }
  // To try a rule out must not take away the one that is there.
  if (mode === 'report-only' && ofServer === 'require') {
    throw new ConfigurationError(binding, 'is required by this server already: there is nothing to warn of')
  }
  return mode
}

/** @throws {ConfigurationError} if an issuer cannot introspect */
export function requireIntrospection(issuers: TrustedIssuers): void {
  // Those that are resolved at run time are not known yet.
  const unable = 'resolve' in issuers ? undefined : issuers.find(({ introspection }) => !introspection)
  if (unable) {
    throw new ConfigurationError(
      'introspected',
      `needs introspection or introspect at each issuer; ${unable.issuer} has neither`,
    )
  }
}
