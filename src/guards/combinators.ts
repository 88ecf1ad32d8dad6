import { ConfigurationError } from '../errors/errors.ts'
import { type Calculation, firstRefusing, noneOf, run } from './evaluate.ts'
import { flatten, type Guard, type GuardFunction, namesOf, toGuards, unique } from './guard.ts'

// What is inferred from where: the scopes from the guards that name some; the type of the request from the place the
// combination is mounted at, so that functions in it know it.
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
 * At least one guard must permit. Where none does, the challenge asks for what would help: the scopes of one that names
 * some, of several the one that grants least; otherwise the sign-in that one demands.
 */
export function anyOf<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  ...guards: readonly CombinedGuard<Scope, Request, Claims>[]
): Guard<Scope, Request, Claims> {
  const all = someGuards(guards, 'anyOf')
  if (flatten(all).some(({ maxAge, binding }) => maxAge !== undefined || binding !== undefined)) {
    throw new ConfigurationError(
      'anyOf',
      'cannot hold introspected(), dpop() or mtls(): a token is verified before guards are evaluated; put it beside anyOf',
    )
  }
  if (all.some((guard) => flatten([guard]).every(({ reportOnly }) => reportOnly))) {
    throw new ConfigurationError(
      'anyOf',
      'cannot hold reportOnly(): it permits in any case, and the others would not count',
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
  return refused instanceof Promise ? refused.then((late) => late === undefined) : refused === undefined
}

/** A combination of nothing is more likely a mistake than a wish. */
function someGuards(guards: readonly unknown[], where: string): readonly Guard[] {
  if (guards.length === 0) throw new ConfigurationError(where, 'needs at least one guard')
  return toGuards(guards, where)
}
