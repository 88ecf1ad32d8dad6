import { ConfigurationError } from '../errors/errors.ts'
import { isThenable } from '../util/thenable.ts'
import { type Calculation, firstRefusing, noneOf, run } from './evaluate.ts'
import { flatten, type Guard, type GuardFunction, namesOf, toGuards, unique } from './guard.ts'

// Scopes are inferred from the guards that name some. The request type is inferred from where the combination is mounted,
// so that guard functions in it are typed.
type CombinedGuard<Scope extends string, Request extends object, Claims> =
  | Guard<Scope, NoInfer<Request>, NoInfer<Claims>>
  | GuardFunction<Request, Claims>

/** All guards must permit. */
export function allOf<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  ...guards: readonly CombinedGuard<Scope, Request, Claims>[]
): Guard<Scope, Request, Claims> {
  const all = flatten(someGuards(guards, 'allOf'))
  return Object.freeze({
    every: all,
    scopes: unique(all.flatMap((guard) => guard.scopes)) as readonly Scope[],
    names: namesOf(all),
    permits: (token, request, context) => isNothing(firstRefusing(all, token, request, context)),
  } satisfies Guard)
}

/**
 * At least one guard must permit. If none does, the challenge asks for what would help: the scopes that grant least, or
 * the sign-in that a guard requires if no scope would help.
 */
export function anyOf<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  ...guards: readonly CombinedGuard<Scope, Request, Claims>[]
): Guard<Scope, Request, Claims> {
  const all = someGuards(guards, 'anyOf')
  if (flatten(all).some(({ maxAge, binding }) => maxAge !== undefined || binding !== undefined)) {
    throw new ConfigurationError(
      'anyOf',
      'cannot contain introspected(), dpop() or mtls(): a token is verified before guards are evaluated; put it beside anyOf',
    )
  }
  if (all.some((guard) => flatten([guard]).every(({ reportOnly }) => reportOnly))) {
    throw new ConfigurationError(
      'anyOf',
      'cannot contain reportOnly(): it always permits, so the other guards would have no effect',
    )
  }
  return Object.freeze({
    some: all,
    scopes: (all.find((guard) => guard.scopes.length > 0)?.scopes ?? []) as readonly Scope[],
    names: namesOf(all),
    permits: (token, request, context) => isNothing(noneOf(all, token, request, context)),
  } satisfies Guard)
}

/** For applications that call `permits` themselves; the resource server evaluates `every` and `some`. */
function isNothing(calculation: Calculation<unknown>): boolean | Promise<boolean> {
  const refused = run(calculation)
  return isThenable(refused) ? Promise.resolve(refused).then(isUndefined) : isUndefined(refused)
}

const isUndefined = (value: unknown): boolean => value === undefined

/** A combination of no guards is most likely a mistake. */
function someGuards(guards: readonly unknown[], where: string): readonly Guard[] {
  if (guards.length === 0) throw new ConfigurationError(where, 'needs at least one guard')
  return toGuards(guards, where)
}
