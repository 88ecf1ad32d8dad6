/** A guard of ours that runs before a route. */
export interface FoundGuard {
  readonly kind: 'guard'
  readonly scopes: readonly string[]
  readonly optional: boolean
}

/** A route of an application. */
export interface Found {
  readonly method: string
  readonly path: string
  /** The guards that every request passes before the handler. */
  readonly guards: readonly FoundGuard[]
  /** The application says that everyone may call it. */
  readonly declaredPublic?: boolean
  /** Why a guard might be missing, where `guards` is empty. */
  readonly problem?: string
}

/** What adapters mark: guards, and endpoints of ours, which are public. */
type Mounted = FoundGuard | { readonly kind: 'endpoint' }

const MOUNTED = Symbol.for('bearward.mounted')

/** The mark itself, never one that is inherited from a marked object. */
export const mountedIn = (value: unknown): Mounted | undefined =>
  typeof value === 'function' && Object.hasOwn(value, MOUNTED) ? (value as { [MOUNTED]?: Mounted })[MOUNTED] : undefined

const EVERY = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The methods of one registration: one name for all that are common. */
export const namesOf = (methods: ReadonlySet<string>): readonly string[] =>
  EVERY.every((method) => methods.has(method)) ? ['ALL'] : [...methods]

export type AnyFunction = (...given: never[]) => unknown

/** What runs for a request to a route, in order. */
export interface Chain {
  /** Guards that run first, whatever the others do. */
  readonly leading: readonly FoundGuard[]
  /** Guards that run before the handler; `undefined` if there is no handler. */
  readonly guards: readonly FoundGuard[] | undefined
}

/**
 * Finds the handler among the functions of a route: the first one that cannot pass a request on, because it takes no
 * `next`, or else the last one that is not ours. Guards behind it come too late.
 *
 * @param arity the number of parameters of a function that gets `next`
 */
export function chainOf(functions: readonly AnyFunction[], arity: number): Chain {
  let guards: FoundGuard[] = []
  let leading: FoundGuard[] = []
  let before: readonly FoundGuard[] | undefined
  for (const one of functions) {
    const mounted = mountedIn(one)
    if (mounted?.kind === 'guard') {
      guards.push(mounted)
      if (before === undefined) leading.push(mounted)
    }
    if (mounted) continue
    // An error handler of Express, which may let a refused request continue.
    if (one.length > arity) {
      guards = []
      leading = []
      continue
    }
    before = [...guards]
    if (one.length < arity) break
  }
  return { leading, guards: before }
}
