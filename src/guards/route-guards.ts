import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { Scheme } from '../http/credentials.ts'
import type { TrustedIssuers } from '../issuers/registry-settings.ts'
import type { BindingMode, BindingModes } from '../sender-constraint/mode.ts'
import type { DpopSettings, MtlsSettings } from '../sender-constraint/settings.ts'
import type { Seconds } from '../util/time.ts'
import { ANY_AGE } from '../verifier/token-verifier.ts'
import { canSignIn, requiredScopes } from './demand.ts'
import { flatten, type Guard, namesOf, toGuards, unique } from './guard.ts'

/** Checked guards, with what they require together. */
export class Guards {
  readonly list: readonly Guard[]
  readonly scopes: readonly string[]
  /** The maximum age of the introspection response. */
  readonly maxAge: Seconds
  /** The modes of this route for sender-constrained tokens. */
  readonly modes: BindingModes
  /** The schemes in which a token may be presented. */
  readonly schemes: readonly Scheme[]
  readonly #settings: GuardSettings

  constructor(guards: readonly unknown[], settings: GuardSettings) {
    this.#settings = settings
    const { scopes: declared, issuers } = settings
    this.list = flatten(toGuards(guards, 'protect'))
    this.scopes = unique(this.list.flatMap((guard) => requiredScopes(guard, settings.graph)))
    const undeclared = declared && namesOf(this.list).find((name) => !declared.includes(name))
    if (undeclared !== undefined) {
      throw new ConfigurationError('scopes', `does not declare ${JSON.stringify(undeclared)}, which a guard names`)
    }
    if (!canSignIn(this.list)) {
      throw new ConfigurationError('authentication', 'is required twice on one route, and no acr satisfies both')
    }
    this.maxAge = Math.min(...this.list.map(({ maxAge }) => maxAge ?? ANY_AGE))
    if (this.maxAge !== ANY_AGE) requireIntrospection(issuers)
    this.modes = { dpop: modeOf('dpop', this.list, settings), mtls: modeOf('mtls', this.list, settings) }
    this.schemes = SCHEMES_BY_MODE[this.modes.dpop]
  }

  /**
   * Throws for anything but the guards of this server: those of another one are checked against its scopes and modes, which
   * may be laxer.
   *
   * @throws {ConfigurationError}
   */
  static require(guards: unknown, settings: GuardSettings): Guards {
    if (guards instanceof Guards && guards.#settings === settings) return guards
    throw new ConfigurationError('guards', 'must come from guards() of this resource server')
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

/** The schemes that are accepted in each mode of DPoP. */
export const SCHEMES_BY_MODE: Readonly<Record<BindingMode, readonly Scheme[]>> = {
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
  // Trying out a rule must not lift the one in force.
  if (mode === 'report-only' && ofServer === 'require') {
    throw new ConfigurationError(binding, 'is already required by this server: there is nothing to report')
  }
  return mode
}

/** @throws {ConfigurationError} if an issuer cannot introspect */
export function requireIntrospection(issuers: TrustedIssuers): void {
  // Issuers that are resolved at run time cannot be checked yet.
  const unable = 'resolve' in issuers ? undefined : issuers.find(({ introspection }) => !introspection)
  if (unable) {
    throw new ConfigurationError(
      'introspected',
      `needs introspection or introspect at each issuer; ${unable.issuer} has neither`,
    )
  }
}
