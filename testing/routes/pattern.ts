/** What is between two slashes of a pattern. */
export interface Segment {
  readonly kind: 'literal' | 'parameter' | 'unknown'
  readonly text: string
  /** Whether the router distinguishes upper and lower case. */
  readonly sensitive: boolean
}

/** The paths that a route, a guard or a router is mounted on. */
export interface Pattern {
  readonly segments: readonly Segment[]
  /** Whether paths below match as well: none, only those below, or the path itself and all below. */
  readonly below: 'none' | 'only' | 'also'
}

/** Matches something that cannot be read. It equals only itself. */
export const unknown = (text: string): Segment => ({ kind: 'unknown', text, sensitive: true })

/** A part of a path without special characters, in any version of any router. */
const LITERAL = /^[\w\-.~%@$&',;=]*$/
const PARAMETER = /^:\w+$/

export function segmentOf(text: string, sensitive: boolean): Segment {
  if (LITERAL.test(text)) return { kind: 'literal', text, sensitive }
  return PARAMETER.test(text) ? { kind: 'parameter', text, sensitive } : unknown(text)
}

/** The pattern of something that is mounted at `pattern` in a router that is mounted at `prefix`. */
export const joined = (prefix: readonly Segment[], { segments, below }: Pattern): Pattern => ({
  segments: [...prefix, ...segments],
  below,
})

/** Whether a guard runs for all requests to a route. Never true for what cannot be read. */
export function covers(guard: Pattern, route: Pattern): boolean {
  const [wide, narrow] = [guard.segments.length, route.segments.length]
  if (!guard.segments.every((segment, index) => includes(segment, route.segments[index]))) return false
  if (guard.below === 'none') return route.below === 'none' && wide === narrow
  return guard.below === 'also' || wide < narrow || route.below === 'only'
}

function includes(guard: Segment, route: Segment | undefined): boolean {
  // The same segment object belongs to a router that both are in.
  if (!route || guard === route) return route !== undefined
  if (guard.kind === 'unknown' || route.kind === 'unknown') return false
  if (guard.kind === 'parameter') return route.kind === 'parameter' || route.text !== ''
  if (route.kind === 'parameter') return false
  if (guard.sensitive) return route.sensitive && guard.text === route.text
  return guard.text.toLowerCase() === route.text.toLowerCase()
}
