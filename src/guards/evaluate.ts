import type { AccessToken } from '../access-token/access-token.ts'
import { isThenable } from '../util/thenable.ts'
import { type Demand, demandOf, leastDemand, type RefusingGuard, wholeDemand } from './demand.ts'
import type { Guard, GuardContext } from './guard.ts'

/** Yields only promises, so that the same code evaluates synchronous guards without creating one. */
export type Calculation<T> = Generator<PromiseLike<unknown>, T, unknown>

/** The result, or a promise of it if something was yielded. */
export function run<T>(calculation: Calculation<T>): T | Promise<T> {
  const step = calculation.next()
  return step.done ? step.value : finish(calculation, step.value)
}

async function finish<T>(calculation: Calculation<T>, first: PromiseLike<unknown>): Promise<T> {
  let step = calculation.next(await first)
  while (!step.done) step = calculation.next(await step.value)
  return step.value
}

/**
 * The first guard that does not permit, `undefined` if all do; later ones are not evaluated. A promise only if a guard
 * returned one.
 */
export function evaluate(
  guards: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
): RefusingGuard | undefined | Promise<RefusingGuard | undefined> {
  for (let at = 0; at < guards.length; at++) {
    const guard = guards[at] as Guard
    // Most guards combine no others and permit in the same turn, which needs no generator.
    const permitted = isCombined(guard) ? undefined : guard.permits(token, request, context)
    if (permitted !== true) return run(refusingFrom(guard, permitted, guards.slice(at + 1), token, request, context))
  }
  return undefined
}

const isCombined = ({ every, some }: Guard): boolean => every !== undefined || some !== undefined

/** @param permitted what the guard has returned, if it combines no others */
function* refusingFrom(
  by: Guard,
  permitted: unknown,
  later: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
): Calculation<RefusingGuard | undefined> {
  const demand = isCombined(by) ? yield* missing(by, token, request, context) : yield* demandUnless(by, permitted)
  return demand ? { by, demand } : yield* firstRefusing(later, token, request, context)
}

/** As {@link evaluate}, for the guards of a combination. */
export function* firstRefusing(
  guards: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
): Calculation<RefusingGuard | undefined> {
  for (const by of guards) {
    const demand = yield* missing(by, token, request, context)
    if (demand) return { by, demand }
  }
  return undefined
}

/** What would satisfy one of the guards, `undefined` if one permits; later ones are not evaluated. */
export function* noneOf(
  guards: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
): Calculation<Demand | undefined> {
  const demands: Demand[] = []
  for (const guard of guards) {
    const demand = yield* missing(guard, token, request, context)
    if (!demand) return undefined
    demands.push(demand)
  }
  return leastDemand(demands, context.graph)
}

/** What would satisfy a guard, `undefined` if it permits. */
function* missing(
  guard: Guard,
  token: AccessToken,
  request: object,
  context: GuardContext,
): Calculation<Demand | undefined> {
  const { every, some } = guard
  if (every?.length) {
    const refused = yield* firstRefusing(every, token, request, context)
    return refused && wholeDemand(every, refused, context.graph)
  }
  if (some) return yield* noneOf(some, token, request, context)
  return yield* demandUnless(guard, guard.permits(token, request, context))
}

function* demandUnless(guard: Guard, permitted: unknown): Calculation<Demand | undefined> {
  return (isThenable(permitted) ? yield permitted : permitted) === true ? undefined : demandOf(guard)
}
