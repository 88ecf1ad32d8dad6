import { ConfigurationError } from '../errors.ts'
import type { ServerSettings } from '../options/server-options.ts'
import type { Seconds } from '../platform/time.ts'
import { type Guard, namesOf, takenApart, toGuards, unique } from './guard.ts'

/** Guards that have been checked, with the scopes they ask for together. */
export class Guards {
  readonly list: readonly Guard[]
  readonly scopes: readonly string[]
  /** How long ago, at most, an issuer may have been asked about the token. */
  readonly maxAge: Seconds

  constructor(guards: readonly unknown[], { scopes: declared, issuers }: Pick<ServerSettings, 'scopes' | 'issuers'>) {
    this.list = takenApart(toGuards(guards, 'protect'))
    this.scopes = unique(this.list.flatMap((guard) => guard.scopes))
    const strange = declared && namesOf(this.list).find((name) => !declared.includes(name))
    if (strange !== undefined) {
      throw new ConfigurationError('scopes', `does not declare ${JSON.stringify(strange)}, which a guard names`)
    }
    this.maxAge = Math.min(...this.list.map(({ maxAge }) => maxAge ?? Number.POSITIVE_INFINITY))
    if (this.maxAge !== Number.POSITIVE_INFINITY) checkCanAsk(issuers)
  }
}

/** @throws {ConfigurationError} where verdicts that are not older than so and so cannot be had */
export function checkCanAsk(issuers: ServerSettings['issuers']): void {
  // Those that are resolved at run time are not known yet.
  const silent = 'resolve' in issuers ? undefined : issuers.find(({ asking }) => !asking)
  if (silent) {
    throw new ConfigurationError('fresh', `needs introspection or verify at each issuer; ${silent.issuer} has neither`)
  }
}
