import type { Guard } from 'bearward'

/** What `bearward/testing` reads of everything that an application mounts. */
export type Mounted = MountedGuard | { readonly kind: 'endpoint' }

/** A guard, and what it requires. */
export interface MountedGuard {
  readonly kind: 'guard'
  /** The scopes that its challenges name. */
  readonly scopes: readonly string[]
  readonly optional: boolean
}

export const ENDPOINT: Mounted = { kind: 'endpoint' }

/** Shared with `bearward/testing`, which must not depend on an adapter, nor on the copy of the package that it is of. */
export const MOUNTED = Symbol.for('bearward.mounted')

/** Marks what an application mounts. Copies of its members have no mark, because a wrapper might skip the original. */
export function marked<T>(target: T, mounted: Mounted): T {
  if (typeof target === 'function') Object.defineProperty(target, MOUNTED, { value: mounted })
  return target
}

/** Lets the bound functions of a marked one have its mark, for a framework that binds hooks. */
export function markedWhenBound<T extends (...given: never[]) => unknown>(target: T): T {
  const bind = (receiver: unknown, ...given: readonly unknown[]) => {
    const bound: unknown = Function.prototype.bind.call(target, receiver, ...given)
    const mounted = (target as { [MOUNTED]?: Mounted })[MOUNTED]
    // With arguments bound as well, it would decide about another request than the one at hand.
    return mounted && given.length === 0 ? marked(bound, mounted) : bound
  }
  return Object.defineProperty(target, 'bind', { value: bind })
}

/** The mark of guards whose resource server does not exist yet. */
export const guardOf = (
  guards: readonly (Pick<Guard, 'scopes'> | ((...given: never[]) => unknown))[],
  optional: boolean,
): MountedGuard => ({
  kind: 'guard',
  scopes: [...new Set(guards.flatMap((guard) => (typeof guard === 'function' ? [] : guard.scopes)))],
  optional,
})
