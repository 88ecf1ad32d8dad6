import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { refusalOf } from '../errors/error-of-refusal.ts'
import { INSUFFICIENT_USER_AUTHENTICATION } from '../errors/errors.ts'
import { signInClaim } from '../errors/reasons.ts'
import { insufficientScope, Refusal } from '../errors/refusal.ts'
import { type Guard, unique } from './guard.ts'

/** What would help after a guard has refused: scopes, or what its refusal asks for. Neither, if nothing would. */
export interface Demand {
  readonly scopes: readonly string[]
  readonly refusal?: Refusal
}

/** A guard that refused, and what would satisfy it. */
export interface RefusingGuard {
  readonly by: Guard
  readonly demand: Demand
}

const NOTHING: Demand = Object.freeze({ scopes: Object.freeze([]) })

export const demandOf = (guard: Guard): Demand =>
  guard.refusal ? { scopes: guard.scopes, refusal: refusalOf(guard.refusal()) } : { scopes: guard.scopes }

/** Scopes are named only if they would help: not when another condition of the route failed. */
export function refusalFor(guards: readonly Guard[], refused: RefusingGuard, graph: ScopeGraph): Refusal {
  const { scopes, refusal } = wholeDemand(guards, refused, graph)
  return refusal ?? insufficientScope(scopes)
}

/**
 * What satisfies all guards after one has refused, so that no client is sent back a second time: the scopes of all guards
 * if a scope is missing (RFC 6750 §3.1), or a sign-in that all accept (RFC 9470 §3).
 */
export function wholeDemand(guards: readonly Guard[], { by, demand }: RefusingGuard, graph: ScopeGraph): Demand {
  const { refusal } = demand
  if (refusal?.kind === INSUFFICIENT_USER_AUTHENTICATION) {
    return { scopes: [], refusal: strictest([refusal, ...guards.flatMap(stepUpsOf)]) }
  }
  if (refusal) return { scopes: [], refusal }
  if (demand.scopes.length === 0) return NOTHING
  return { scopes: unique(guards.flatMap((guard) => (guard === by ? demand.scopes : requiredScopes(guard, graph)))) }
}

/**
 * Chooses among demands of which any suffices. Scopes come before a new sign-in, because a client may get them without the
 * user; among scopes, those that grant least.
 */
export function leastDemand(demands: readonly Demand[], graph: ScopeGraph): Demand {
  const scopes = least(
    demands.filter(({ refusal }) => !refusal).map((demand) => demand.scopes),
    graph,
  )
  return scopes.length > 0 ? { scopes } : (demands.find(({ refusal }) => refusal) ?? NOTHING)
}

/** The scopes to name before it is known which guard will refuse. */
export function requiredScopes(guard: Guard, graph: ScopeGraph): readonly string[] {
  if (guard.every) return unique(guard.every.flatMap((one) => requiredScopes(one, graph)))
  if (!guard.some) return guard.scopes
  return least(
    guard.some.map((one) => requiredScopes(one, graph)),
    graph,
  )
}

/** The set that grants least, the first of several; empty sets are skipped. */
function least(sets: readonly (readonly string[])[], graph: ScopeGraph): readonly string[] {
  let best: { readonly scopes: readonly string[]; readonly weight: number } | undefined
  for (const scopes of sets) {
    if (scopes.length === 0) continue
    const weight = graph.weight(scopes)
    if (!best || weight < best.weight) best = { scopes, weight }
  }
  return best?.scopes ?? []
}

/** The sign-ins that a guard always requires; those in `anyOf` are alternatives. */
function stepUpsOf(guard: Guard): readonly Refusal[] {
  if (guard.every) return guard.every.flatMap(stepUpsOf)
  const { refusal } = demandOf(guard)
  return refusal?.kind === INSUFFICIENT_USER_AUTHENTICATION ? [refusal] : []
}

/**
 * A sign-in that satisfies all: the lowest `maxAge`, and the `acr` values that all accept. If they have none in common, the
 * first list is used.
 */
function strictest(all: readonly Refusal[]): Refusal {
  const [acr = [], ...lists] = acrLists(all)
  const common = acr.filter((value) => lists.every((list) => list.includes(value)))
  const ages = all.flatMap(({ details }) => details.maxAge ?? [])
  const values = common.length > 0 ? common : acr
  const maxAge = ages.length > 0 ? Math.min(...ages) : undefined
  return new Refusal(INSUFFICIENT_USER_AUTHENTICATION, 'authentication', {
    acr: values,
    ...(maxAge !== undefined && { maxAge }),
    ...signInClaim(values, maxAge),
  })
}

const acrLists = (all: readonly Refusal[]): readonly (readonly string[])[] =>
  all.flatMap(({ details }) => (details.acr?.length ? [details.acr] : []))

/** @returns false if no sign-in satisfies all guards of a route */
export function canSignIn(guards: readonly Guard[]): boolean {
  const lists = acrLists(guards.flatMap(stepUpsOf))
  const [first] = lists
  return !first || first.some((value) => lists.every((list) => list.includes(value)))
}
