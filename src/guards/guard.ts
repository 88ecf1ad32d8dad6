import type { AccessToken } from '../access-token/access-token.ts'
import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { number } from '../config/validate.ts'
import { type BearwardError, ConfigurationError } from '../errors/errors.ts'
import type { BindingModes } from '../sender-constraint/mode.ts'
import type { NumericDate, Seconds } from '../util/time.ts'

/**
 * Decides whether a verified token permits a request. Only `true` does; anything else refuses with 403. What a guard
 * throws is an error of the application.
 *
 * @typeParam Scope the scopes it names, so that a misspelled one does not compile where scopes are declared
 */
export interface Guard<Scope extends string = string, Request extends object = object, Claims = unknown> {
  /** The scopes that the challenge names if it refuses; empty if scopes would not help. */
  readonly scopes: readonly Scope[]
  permits(token: AccessToken<Claims>, request: Request, context: GuardContext): boolean | Promise<boolean>
  /** A new error to refuse with, if that is not 403 `insufficient_scope`. */
  refusal?(): BearwardError
  /** All scopes it names, if there are more than `scopes`. They are checked against the declared scopes. */
  readonly names?: readonly string[]
  /** The maximum age of the introspection response; see `introspected()`. */
  readonly maxAge?: Seconds
  /** The modes of this route for sender-constrained tokens, if they differ from the server's; see `dpop()`, `mtls()`. */
  readonly binding?: Partial<BindingModes>
  /**
   * The guards it combines, all of which must permit. They are evaluated instead of `permits`, so that a refusal is
   * attributed to the guard that refused.
   */
  readonly every?: readonly Guard[]
  /** The same for guards of which one must permit. */
  readonly some?: readonly Guard[]
  /** True for a guard that always permits; see `reportOnly()`. */
  readonly reportOnly?: true
}

/** What a guard receives besides the token and the request. */
export interface GuardContext {
  /** The clock of the resource server. */
  now(): NumericDate
  /** The scopes that imply others. */
  readonly graph: ScopeGraph
  /**
   * Emits a `report` event for what a report-only rule would have refused, once per request and reason.
   *
   * @param request the framework's request, for `onEvent`; `undefined` for a token that came without one
   * @param names the scopes that the event may name; an error of the application might contain others, from the token
   */
  report(
    thrown: unknown,
    token: Pick<AccessToken, 'issuer' | 'format'>,
    request: object | undefined,
    names?: readonly string[],
  ): void
}

/**
 * A guard of your own. `request` is the framework's request. Its type is that of a method, so that a function may take a
 * more specific request, such as one with the parameters of its route.
 */
export type GuardFunction<Request extends object = object, Claims = unknown, Scope extends string = string> = {
  permits(token: AccessToken<Claims, Scope>, request: Request): boolean | Promise<boolean>
}['permits']

/** A guard, or a function that is one. */
export type GuardLike<Scope extends string = string, Request extends object = object, Claims = unknown> =
  | Guard<Scope, Request, Claims>
  | GuardFunction<Request, Claims, Scope>

/** @throws {ConfigurationError} a value that is not a guard, such as a request if the middleware was mounted uncalled */
export function toGuards(guards: readonly unknown[], where: string): readonly Guard[] {
  return guards.map((guard, index) => {
    if (typeof guard === 'function') return ownGuard(guard as GuardFunction)
    if (isGuard(guard)) {
      if (guard.maxAge !== undefined) seconds(guard.maxAge, `${where}[${index}].maxAge`)
      return guard
    }
    throw new ConfigurationError(
      `${where}[${index}]`,
      `must be a guard such as scope(…), or a function; mount ${where}(), not ${where}`,
    )
  })
}

/** A function gets only the arguments of its documented signature. */
const ownGuard = (permits: GuardFunction): Guard => ({
  scopes: [],
  permits: (token, request) => permits(token as AccessToken<unknown>, request),
})

/** Replaces each `allOf` by its guards. */
export const flatten = (guards: readonly Guard[]): readonly Guard[] =>
  guards.flatMap((guard) => (guard.every?.length ? guard.every : [guard]))

/** All scopes that guards name, whether a challenge would ask for them or not. */
export const namesOf = (guards: readonly Guard[]): readonly string[] =>
  unique(guards.flatMap((guard) => guard.names ?? guard.scopes))

const seconds = number(0, 86_400, 'seconds')

const isGuard = (value: unknown): value is Guard =>
  typeof (value as Guard | null)?.permits === 'function' && Array.isArray((value as Guard).scopes)

export const unique = (scopes: readonly string[]): readonly string[] => Object.freeze([...new Set(scopes)])
