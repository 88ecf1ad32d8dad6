import { type Checker, list, record, wrong } from '../config/validate.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { createScopeGraph, NO_GRAPH, type ScopeGraph } from './scope-graph.ts'
import { scopeName } from './scope-name.ts'

/** Every scope as a member, with those it implies directly; none may imply itself, on whatever way. */
export type ScopeGraphOption<Scope extends string = string> = {
  readonly [Name in Scope]: readonly NoInfer<Scope>[]
}

/** The checked option `scopes`. */
export interface ScopeSettings {
  /** The declared scopes, `undefined` where none are: then any will do. */
  readonly scopes: readonly string[] | undefined
  readonly graph: ScopeGraph
}

export const UNDECLARED: ScopeSettings = Object.freeze({ scopes: undefined, graph: NO_GRAPH })

/** A list, or an object with the scopes that each one implies. */
export const scopeSettings: Checker<ScopeSettings> = (value, option) => {
  if (Array.isArray(value)) return { scopes: list(scopeName)(value, option), graph: NO_GRAPH }
  const edges = edgesOf(value, option)
  const circle = circleIn(edges)
  if (circle) throw new ConfigurationError(option, `goes in a circle: ${circle.join(' implies ')}`)
  return { scopes: Object.freeze([...edges.keys()]), graph: createScopeGraph(edges) }
}

function edgesOf(value: unknown, option: string): ReadonlyMap<string, readonly string[]> {
  if (typeof value !== 'object' || value === null) throw wrong(option, value, 'an array of scopes, or an object')
  const from = record(value, option)
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
  declareMembers(edges, option)
  return edges
}

/**
 * A scope that implies nothing need not have a member of its own. But where one of them has, all have to: then those
 * that have none are misspelt.
 */
function declareMembers(edges: Map<string, readonly string[]>, option: string): void {
  const listsAll = [...edges.values()].some((implied) => implied.length === 0)
  for (const [name, implied] of [...edges]) {
    const strange = implied.filter((member) => !edges.has(member))
    if (listsAll && strange[0] !== undefined) {
      throw new ConfigurationError(
        `${option}[${JSON.stringify(name)}]`,
        `names ${JSON.stringify(strange[0])}, which is not declared; a scope that implies nothing has an empty array`,
      )
    }
    for (const member of strange) edges.set(member, [])
  }
}

/** Some way that leads back to where it began, with its end named again. A loop, since graphs may be deep. */
function circleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of edges.keys()) {
    const way = [start]
    const onWay = new Set(way)
    const left = [[...(edges.get(start) ?? [])]]
    while (way.length > 0) {
      const next = left.at(-1)?.pop()
      if (next === undefined) {
        const end = way.pop() as string
        left.pop()
        onWay.delete(end)
        done.add(end)
      } else if (onWay.has(next)) {
        return [...way.slice(way.indexOf(next)), next]
      } else if (!done.has(next)) {
        way.push(next)
        onWay.add(next)
        left.push([...(edges.get(next) ?? [])])
      }
    }
  }
  return undefined
}
