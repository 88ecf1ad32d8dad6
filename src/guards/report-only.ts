import { ConfigurationError } from '../errors/errors.ts'
import type { BindingModes } from '../sender-constraint/mode.ts'
import { isPromise } from '../util/maybe-promise.ts'
import { allPermit } from './evaluate.ts'
import { type Guard, type GuardLike, namesOf, takenApart, toGuards } from './guard.ts'
import { type Refused, refusalOf } from './refusal.ts'

/**
 * Tries a guard out: it refuses nobody, and a `warning` event tells what it would have refused. The request does not wait
 * for it. Its scopes are checked at start and never asked for.
 *
 * `warn(dpop('require'))` is `dpop('warn')`, and the same for `mtls`. What the guard does to a request by itself, such as
 * writing into it, is not undone.
 *
 * @throws {ConfigurationError} `fresh()` in it, which makes requests wait; `dpop()` or `mtls()` with another mode than
 * `require`
 */
export function warn<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  guard: GuardLike<Scope, NoInfer<Request>, NoInfer<Claims>>,
): Guard<Scope, Request, Claims> {
  const guards = takenApart(toGuards([guard], 'warn'))
  if (guards.some(({ maxAge }) => maxAge !== undefined)) {
    throw new ConfigurationError('warn', 'cannot hold fresh(): a token is verified before guards are asked')
  }
  const binding = bindingOnTrial(guards)
  const names = namesOf(guards)
  return Object.freeze({
    scopes: [],
    names,
    onTrial: true,
    ...(binding && { binding }),
    permits(token, request, context) {
      tryOut(guards, (thrown) => context.warn(thrown, token, names), token, request, context)
      return true
    },
  } satisfies Guard)
}

function bindingOnTrial(guards: readonly Guard[]): Partial<BindingModes> | undefined {
  const modes = guards.flatMap(({ binding }) => Object.entries(binding ?? {}))
  const other = modes.find(([, mode]) => mode !== 'require')
  if (other) throw new ConfigurationError('warn', `can hold ${other[0]}() with the mode 'require' only`)
  return modes.length === 0 ? undefined : Object.fromEntries(modes.map(([name]) => [name, 'warn']))
}

function tryOut(
  guards: readonly Guard[],
  tell: (thrown: unknown) => void,
  ...[token, request, context]: Parameters<Guard['permits']>
): void {
  const tellRefusal = (outcome: Refused | true) => {
    if (outcome !== true) tell(refusalOf(guards, outcome, context.graph))
  }
  try {
    const outcome = allPermit(guards, token, request, context)
    if (isPromise(outcome)) outcome.then(tellRefusal).catch(tell)
    else tellRefusal(outcome)
  } catch (thrown) {
    tell(thrown)
  }
}
