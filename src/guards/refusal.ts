import type { ScopeGraph } from '../access-token/scope-graph.ts'
import { type BearwardError, InsufficientScope, InsufficientUserAuthentication } from '../errors/errors.ts'
import { type Guard, unique } from './guard.ts'

/** What would help, where a guard has refused: scopes, or what its own error asks for; nothing where neither is there. */
export type Demand = Pick<Guard, 'scopes' | 'refusal'>

/** A guard that refused, and what it takes. */
export interface Refused {
  readonly by: Guard
  readonly demand: Demand
}

const NOTHING: Demand = Object.freeze({ scopes: Object.freeze([]) })

/** Scopes are asked for only where they would help: not when another condition of the route failed. */
export function refusalOf(guards: readonly Guard[], refused: Refused, graph: ScopeGraph): BearwardError {
  const { scopes, refusal } = wholeDemand(guards, refused, graph)
  if (refusal) return refusal()
  return scopes.length > 0 ? new InsufficientScope('scope', { scopes }) : new InsufficientScope('guard')
}

/**
 * What it takes to get past all guards, one of which has refused: with a scope missing, the scopes of all (RFC 6750
 * §3.1); with too weak a sign-in, one that suffices for all (RFC 9470 §3). So nobody is sent back a second time.
 */
export function wholeDemand(guards: readonly Guard[], { by, demand }: Refused, graph: ScopeGraph): Demand {
  const others = guards.filter((guard) => guard !== by)
  const error = demand.refusal?.()
  if (error instanceof InsufficientUserAuthentication) {
    const required = strictest([error, ...others.flatMap(stepUpsOf)])
    return { scopes: [], refusal: () => new InsufficientUserAuthentication(required) }
  }
  if (error) return { scopes: [], refusal: () => error }
  if (demand.scopes.length === 0) return NOTHING
  return { scopes: unique(guards.flatMap((guard) => (guard === by ? demand.scopes : requiredScopes(guard, graph)))) }
}

/**
 * Of several demands, any of which would do: scopes, which a client may get by itself, before a new sign-in, for which it
 * needs the user; and of scopes those that grant least.
 */
export function leastDemand(demands: readonly Demand[], graph: ScopeGraph): Demand {
  const scopes = least(
    demands.filter(({ refusal }) => !refusal).map((demand) => demand.scopes),
    graph,
  )
  return scopes.length > 0 ? { scopes } : (demands.find(({ refusal }) => refusal) ?? NOTHING)
}

/** The scopes to ask for before it is known which guard will refuse. */
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

/** The sign-ins that a guard demands, whatever else may be the case. */
function stepUpsOf(guard: Guard): readonly InsufficientUserAuthentication[] {
  if (guard.every) return guard.every.flatMap(stepUpsOf)
  const error = guard.refusal?.()
  return error instanceof InsufficientUserAuthentication ? [error] : []
}

/**
 * One that suffices for all: not longer ago than the strictest of them allows, and in a way that all accept. Where there
 * is no such way, the first has its own.
 */
function strictest(all: readonly InsufficientUserAuthentication[]) {
  const [acr = [], ...lists] = all.map((one) => one.acr).filter((list) => list.length > 0)
  const common = acr.filter((value) => lists.every((list) => list.includes(value)))
  const ages = all.flatMap(({ maxAge }) => maxAge ?? [])
  return {
    acr: common.length > 0 ? common : acr,
    ...(ages.length > 0 && { maxAge: Math.min(...ages) }),
  }
}

/** @returns false where the guards of one route demand sign-ins of which none suffices for all */
export function canSignIn(guards: readonly Guard[]): boolean {
  const lists = guards
    .flatMap(stepUpsOf)
    .map(({ acr }) => acr)
    .filter((list) => list.length > 0)
  const [first] = lists
  return !first || first.some((value) => lists.every((list) => list.includes(value)))
}
