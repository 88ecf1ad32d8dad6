import { MOUNTED, type Mounted } from './mounted.ts'
import { BearwardGuard, guardsOf, isOfDecorator, isPublic } from './nest-guard.ts'

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

/** As the guards decide themselves: those of a decorator always, the others only without one, and without `@Public()`. */
export function accessTo(module: HasInjectables, controller: object, method: object, isGlobal: boolean): Access {
  const all = [...guardsOf(controller), ...guardsOf(method)]
  const ofDecorators = all.filter(isOfDecorator)
  const guards = (ofDecorators.length > 0 ? ofDecorators : all).flatMap((guard) => mountedBy(module, guard))
  if (ofDecorators.length > 0)
    return { guards, declaredPublic: false, ...(guards.length === 0 && { problem: EXTENDED }) }
  if (isPublic(controller) || isPublic(method)) return { guards: [], declaredPublic: true }
  return { guards: isGlobal ? [ANY_TOKEN, ...guards] : guards, declaredPublic: false }
}

/** `@UseGuards()` takes a class, which Nest creates, or an object. */
function mountedBy({ injectables }: HasInjectables, guard: unknown): readonly Mounted[] {
  const instance = typeof guard === 'function' ? injectables.get(guard)?.instance : guard
  return instance instanceof BearwardGuard ? [instance[MOUNTED] ?? []].flat() : []
}

/** The guard of `forRoot(options, { global: true })`. */
const ANY_TOKEN: Mounted = { kind: 'guard', scopes: [], optional: false }

const EXTENDED = 'its guard extends BearwardGuard, and may permit anything'
