import { type Checker, dictionary, list, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { createScopeGraph, NO_GRAPH, type ScopeGraph } from './scope-graph.ts'
import { scopeName } from './scope-name.ts'

/** Every scope as a member, with the scopes it implies directly. Cycles are refused. */
export type ScopeGraphOption<Scope extends string = string> = {
  readonly [Name in Scope]: readonly NoInfer<Scope>[]
}

/** The checked option `scopes`. */
export interface ScopeSettings {
  /** The declared scopes; `undefined` if none are declared, so that guards may name any. */
  readonly scopes: readonly string[] | undefined
  readonly graph: ScopeGraph
}

export const UNDECLARED: ScopeSettings = Object.freeze({ scopes: undefined, graph: NO_GRAPH })

/** A list, or an object with the scopes that each one implies. */
export const scopeSettings: Checker<ScopeSettings> = (value, option) => {
  if (Array.isArray(value)) return { scopes: list(scopeName)(value, option), graph: NO_GRAPH }
  const edges = edgesOf(value, option)
  const cycle = findCycle(edges)
  if (cycle) throw new ConfigurationError(option, `has a cycle: ${cycle.join(' implies ')}`)
  return { scopes: Object.freeze([...edges.keys()]), graph: createScopeGraph(edges) }
}

function edgesOf(value: unknown, option: string): ReadonlyMap<string, readonly string[]> {
  if (typeof value !== 'object' || value === null) throw wrong(option, value, 'an array of scopes, or an object')
  const from = dictionary(value, option)
  const edges = new Map<string, readonly string[]>()
  for (const [name, implied] of Object.entries(from)) {
    const at = `${option}[${JSON.stringify(scopeName(name, option))}]`
    if (!Array.isArray(implied)) throw wrong(at, implied, 'an array of the scopes that it implies')
    edges.set(
      name,
      Array.from(implied, (member, index) => scopeName(member, `${at}[${index}]`)),
    )
  }
  if (edges.size === 0) throw wrong(option, value, 'an object with at least one scope')
  declareImplied(edges, option)
  return edges
}

/**
 * A scope that implies nothing needs no member of its own. But if one such scope is listed, all must be: then an
 * unlisted one is a spelling mistake.
 */
function declareImplied(edges: Map<string, readonly string[]>, option: string): void {
  const listsAll = [...edges.values()].some((implied) => implied.length === 0)
  for (const [name, implied] of [...edges]) {
    const undeclared = implied.filter((member) => !edges.has(member))
    if (listsAll && undeclared[0] !== undefined) {
      throw new ConfigurationError(
        `${option}[${JSON.stringify(name)}]`,
        `names ${JSON.stringify(undeclared[0])}, which is not declared; declare it, with [] if it implies nothing`,
      )
    }
    for (const member of undeclared) edges.set(member, [])
  }
}

/** A cycle, with its first scope repeated at the end. Not recursive, since graphs may be deep. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of edges.keys()) {
    const path = [start]
    const onPath = new Set(path)
    const left = [[...(edges.get(start) ?? [])]]
    while (path.length > 0) {
      const next = left.at(-1)?.pop()
      if (next === undefined) {
        const end = path.pop() as string
        left.pop()
        onPath.delete(end)
        done.add(end)
      } else if (onPath.has(next)) {
        return [...path.slice(path.indexOf(next)), next]
      } else if (!done.has(next)) {
        path.push(next)
        onPath.add(next)
        left.push([...(edges.get(next) ?? [])])
      }
    }
  }
  return undefined
}
