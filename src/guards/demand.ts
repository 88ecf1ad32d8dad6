import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { refusalOf } from '../errors/error-of-refusal.ts'
import { insufficientScope, Refusal } from '../errors/refusal.ts'
import { type Guard, unique } from './guard.ts'

/** What would help after a guard has refused: scopes, or what its own refusal asks for; neither if nothing would. */
export interface Demand {
  readonly scopes: readonly string[]
  readonly refusal?: Refusal
}

/** A guard that refused, and what it takes. */
export interface Refused {
  readonly by: Guard
  readonly demand: Demand
}

const NOTHING: Demand = Object.freeze({ scopes: Object.freeze([]) })

export const demandOf = (guard: Guard): Demand =>
  guard.refusal ? { scopes: guard.scopes, refusal: refusalOf(guard.refusal()) } : { scopes: guard.scopes }

/** Scopes are named only if they would help: not when another condition of the route failed. */
export function refusalFor(guards: readonly Guard[], refused: Refused, graph: ScopeGraph): Refusal {
  const { scopes, refusal } = wholeDemand(guards, refused, graph)
  return refusal ?? insufficientScope(scopes)
}

/**
 * What it takes to pass all guards, one of which has refused: if a scope is missing, the scopes of all (RFC 6750 §3.1);
 * if the sign-in is too weak, one that suffices for all (RFC 9470 §3). So no client is sent back a second time.
 */
export function wholeDemand(guards: readonly Guard[], { by, demand }: Refused, graph: ScopeGraph): Demand {
  const { refusal } = demand
  if (refusal?.kind === 'InsufficientUserAuthentication') {
    const others = guards.filter((guard) => guard !== by)
    return { scopes: [], refusal: strictest([refusal, ...others.flatMap(stepUpsOf)]) }
  }
  if (refusal) return { scopes: [], refusal }
  if (demand.scopes.length === 0) return NOTHING
  return { scopes: unique(guards.flatMap((guard) => (guard === by ? demand.scopes : requiredScopes(guard, graph)))) }
}

/**
 * Of several demands, any of which would do: scopes, which a client may get by itself, before a new sign-in, which needs
 * the user; and of scopes those that grant least.
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

/** The first of those that grant least; none where there are none. */
function least(sets: readonly (readonly string[])[], graph: ScopeGraph): readonly string[] {
  let best: { readonly scopes: readonly string[]; readonly weight: number } | undefined
  for (const scopes of sets) {
    if (scopes.length === 0) continue
    const weight = graph.weight(scopes)
    if (!best || weight < best.weight) best = { scopes, weight }
  }
  return best?.scopes ?? []
}

/** The sign-ins that a guard requires in any case. */
function stepUpsOf(guard: Guard): readonly Refusal[] {
  if (guard.every) return guard.every.flatMap(stepUpsOf)
  const { refusal } = demandOf(guard)
  return refusal?.kind === 'InsufficientUserAuthentication' ? [refusal] : []
}

/**
 * One that suffices for all: as recent as the strictest of them requires, and in a way that all accept. If there is no
 * such way, the first keeps its own.
 */
function strictest(all: readonly Refusal[]): Refusal {
  const [acr = [], ...lists] = acrLists(all)
  const common = acr.filter((value) => lists.every((list) => list.includes(value)))
  const ages = all.flatMap(({ details }) => details.maxAge ?? [])
  return new Refusal('InsufficientUserAuthentication', 'authentication', {
    acr: common.length > 0 ? common : acr,
    ...(ages.length > 0 && { maxAge: Math.min(...ages) }),
  })
}

const acrLists = (all: readonly Refusal[]): readonly (readonly string[])[] =>
  all.flatMap(({ details }) => (details.acr?.length ? [details.acr] : []))

/** @returns false if the guards of one route require sign-ins of which none suffices for all */
export function canSignIn(guards: readonly Guard[]): boolean {
  const lists = acrLists(guards.flatMap(stepUpsOf))
  const [first] = lists
  return !first || first.some((value) => lists.every((list) => list.includes(value)))
}
