import type { AccessToken } from '../access-token/access-token.ts'
import { chain, isPromise, type MaybePromise } from '../util/maybe-promise.ts'
import type { Guard, GuardContext } from './guard.ts'
import { type Demand, leastDemand, type Refused, wholeDemand } from './refusal.ts'

// Loops and plain returns, since this runs for each request: no closure and no promise where nothing is waited for.

/** True if all guards permit, otherwise the first that does not; those behind it are not asked. */
export function allPermit(
  guards: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
  from = 0,
): MaybePromise<Refused | true> {
  for (let at = from; at < guards.length; at++) {
    const by = guards[at] as Guard
    const outcome = permits(by, token, request, context)
    if (outcome === true) continue
    if (!isPromise(outcome)) return { by, demand: outcome }
    return outcome.then((demand) =>
      demand === true ? allPermit(guards, token, request, context, at + 1) : { by, demand },
    )
  }
  return true
}

/** True if the guard permits, otherwise what it takes. */
function permits(
  guard: Guard,
  token: AccessToken,
  request: object,
  context: GuardContext,
): MaybePromise<Demand | true> {
  const { every, some } = guard
  if (every?.length) {
    return chain(allPermit(every, token, request, context), (outcome) =>
      outcome === true ? true : wholeDemand(every, outcome, context.graph),
    )
  }
  if (some) return anyPermits(some, token, request, context)
  const outcome = guard.permits(token, request, context)
  if (outcome === true) return true
  return isPromise(outcome) ? Promise.resolve(outcome).then((resolved) => resolved === true || guard) : guard
}

/** True if one of the guards permits, otherwise what would be the least; those behind it are not asked. */
export function anyPermits(
  guards: readonly Guard[],
  token: AccessToken,
  request: object,
  context: GuardContext,
  demands: Demand[] = [],
): MaybePromise<Demand | true> {
  for (let at = demands.length; at < guards.length; at++) {
    const outcome = permits(guards[at] as Guard, token, request, context)
    if (outcome === true) return true
    if (isPromise(outcome)) {
      return outcome.then(
        (demand) => demand === true || anyPermits(guards, token, request, context, [...demands, demand]),
      )
    }
    demands.push(outcome)
  }
  return leastDemand(demands, context.graph)
}
