import { MOUNTED, type Mounted } from './mounted.ts'
import { BearwardGuard, guardsOf, isDecidedBelow, isGuarded, isPublic } from './nest-guard.ts'

/** The method of the module that tells `bearward/testing` who may call a route. */
export const ACCESS = Symbol.for('bearward.access')

/** Who may call the route of a controller. */
export interface Access {
  readonly guards: readonly Mounted[]
  readonly declaredPublic: boolean
  /** Why a guard is missing, if it seems to be there. */
  readonly problem?: string
}

/** The part of a module of Nest that has created the guards of its controllers. */
export interface HasInjectables {
  readonly injectables: ReadonlyMap<unknown, { readonly instance: unknown }>
}

/** As the guards decide themselves: those on the route always, the global one only without a decorator and `@Public()`. */
export function accessTo(module: HasInjectables, controller: object, method: object, isGlobal: boolean): Access {
  const all = [...guardsOf(controller), ...guardsOf(method)]
  const declaredPublic = isPublic(controller) || isPublic(method)
  const guards = all.flatMap((guard) => mountedBy(module, guard))
  if (isGlobal && !isDecidedBelow(controller, method)) return { guards: [ANY_TOKEN, ...guards], declaredPublic }
  const isExtended = guards.length === 0 && (isGuarded(controller) || isGuarded(method))
  return { guards, declaredPublic: declaredPublic && guards.length === 0, ...(isExtended && { problem: EXTENDED }) }
}

/** `@UseGuards()` takes a class, which Nest creates, or an object. */
function mountedBy({ injectables }: HasInjectables, guard: unknown): readonly Mounted[] {
  const instance = typeof guard === 'function' ? injectables.get(guard)?.instance : guard
  return instance instanceof BearwardGuard ? [instance[MOUNTED] ?? []].flat() : []
}

/** The guard of `forRoot(options, { global: true })`. */
const ANY_TOKEN: Mounted = { kind: 'guard', scopes: [], optional: false }

const EXTENDED = 'its guard extends BearwardGuard, and may permit anything'
