import { memoize } from '../util/memoize.ts'

/** Which declared scopes imply which others. Implication is transitive. */
export interface ScopeGraph {
  /** True if a granted scope implies this one. Whether it is granted itself is not checked. */
  implies(granted: readonly string[], scope: string): boolean
  /** How many scopes these grant together, including themselves. A challenge names the smallest alternative. */
  weight(scopes: readonly string[]): number
}

/** The graph of a server without declared implications: each scope grants only itself. */
export const NO_GRAPH: ScopeGraph = Object.freeze({
  implies: () => false,
  weight: (scopes: readonly string[]) => new Set(scopes).size,
})

/** How many sets of scopes have a cached weight; guards name few. */
const CACHE_SIZE = 256

/**
 * The cost of a request does not depend on the size of the graph. The scopes that imply a required one are computed
 * when it is first required and cached as one bit per scope. Nothing is computed per token.
 *
 * @param edges each declared scope with those it implies directly; all are declared, and the graph has no cycle
 */
export function createScopeGraph(edges: ReadonlyMap<string, readonly string[]>): ScopeGraph {
  const indexes = new Map([...edges.keys()].map((name, index) => [name, index]))
  const indexOf = (name: string) => indexes.get(name) as number
  const implied = [...edges.values()].map((names) => names.map(indexOf))
  const impliers = implied.map((): number[] => [])
  for (const [from, targets] of implied.entries()) for (const to of targets) impliers[to]?.push(from)

  const impliersByScope = new Map<string, Uint8Array>()
  function impliersOf(scope: string): Uint8Array | undefined {
    const found = impliersByScope.get(scope)
    if (found) return found
    const index = indexes.get(scope)
    if (index === undefined) return undefined
    const bits = reachable([index], impliers)
    impliersByScope.set(scope, bits)
    return bits
  }

  const weightOf = memoize(CACHE_SIZE, (text) => {
    const names = text.split(' ')
    const declared = names.flatMap((name) => indexes.get(name) ?? [])
    const bits = reachable(declared, implied)
    return implied.reduce((sum, _, index) => sum + (isSet(bits, index) ? 1 : 0), names.length - declared.length)
  })

  return Object.freeze({
    implies(granted: readonly string[], scope: string) {
      const bits = impliersOf(scope)
      if (!bits) return false
      // A loop without a closure, since it runs for each request.
      for (const name of granted) {
        const index = indexes.get(name)
        if (index !== undefined && isSet(bits, index)) return true
      }
      return false
    },
    weight: (scopes: readonly string[]) => weightOf([...new Set(scopes)].join(' ')),
  })
}

const isSet = (bits: Uint8Array, index: number): boolean => ((bits[index >> 3] as number) & (1 << (index & 7))) !== 0

/** One bit per reachable node, including the start. Not recursive: a graph may be as deep as it is large. */
function reachable(from: readonly number[], next: readonly (readonly number[])[]): Uint8Array {
  const bits = new Uint8Array((next.length + 7) >> 3)
  const open = [...from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (isSet(bits, at)) continue
    bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7))
    for (const one of next[at] as readonly number[]) open.push(one)
  }
  return bits
}
