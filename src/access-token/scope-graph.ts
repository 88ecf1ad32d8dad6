import { memoize } from '../util/memoize.ts'

/** What declared scopes imply: whoever has one has all that it leads to. */
export interface ScopeGraph {
  /** True if one of the granted scopes implies this one; that it may be granted itself is not looked at. */
  implies(granted: readonly string[], scope: string): boolean
  /** How many scopes these grant together, themselves included: of several that would do, the least is asked for. */
  weight(scopes: readonly string[]): number
}

/** The graph of a server that declares none: each scope stands for itself. */
export const NO_GRAPH: ScopeGraph = Object.freeze({
  implies: () => false,
  weight: (scopes: readonly string[]) => new Set(scopes).size,
})

/** How many sets of scopes have their weight remembered; guards name few. */
const CACHED = 256

/**
 * What a request costs does not depend on the size of the graph: which scopes imply one that is asked for is found out
 * when it is first asked for, and kept as one bit for each scope. Nothing is worked out for tokens.
 *
 * @param edges each declared scope, with those it implies directly: all of them declared, and no way leads in a circle
 */
export function createScopeGraph(edges: ReadonlyMap<string, readonly string[]>): ScopeGraph {
  const indexes = new Map([...edges.keys()].map((name, index) => [name, index]))
  const indexOf = (name: string) => indexes.get(name) as number
  const implied = [...edges.values()].map((names) => names.map(indexOf))
  const impliers = implied.map((): number[] => [])
  for (const [from, targets] of implied.entries()) for (const to of targets) impliers[to]?.push(from)

  const known = new Map<string, Uint8Array>()
  function impliersOf(scope: string): Uint8Array | undefined {
    const found = known.get(scope)
    if (found) return found
    const index = indexes.get(scope)
    if (index === undefined) return undefined
    const bits = reachable([index], impliers)
    known.set(scope, bits)
    return bits
  }

  const weightOf = memoize(CACHED, (text) => {
    const names = text.split(' ')
    const declared = names.flatMap((name) => indexes.get(name) ?? [])
    const bits = reachable(declared, implied)
    return implied.reduce((sum, _, index) => sum + (isSet(bits, index) ? 1 : 0), names.length - declared.length)
  })

  return Object.freeze({
    implies(granted: readonly string[], scope: string) {
      const bits = impliersOf(scope)
      if (!bits) return false
      // Written out, since it runs for each request: no closure.
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

/** A bit for each node that can be reached, the first ones included. A loop, since a graph may be as deep as it is large. */
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
