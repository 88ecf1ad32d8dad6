import { ConfigurationError } from '../errors/errors.ts'
import type { BindingModes } from '../sender-constraint/mode.ts'
import { isPromise } from '../util/maybe-promise.ts'
import { allPermit } from './evaluate.ts'
import { flatten, type Guard, type GuardLike, namesOf, toGuards } from './guard.ts'
import { type Refused, refusalOf } from './refusal.ts'

/**
 * Tries a guard out: it refuses nobody, and a `warning` event tells what it would have refused. The request does not wait
 * for it. Its scopes are checked at start and never asked for.
 *
 * `reportOnly(dpop('require'))` is `dpop('reportOnly')`, and the same for `mtls`. What the guard does to a request by itself, such as
 * writing into it, is not undone.
 *
 * @throws {ConfigurationError} `introspected()` in it, which makes requests wait; `dpop()` or `mtls()` with another mode than
 * `require`
 */
export function reportOnly<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  guard: GuardLike<Scope, NoInfer<Request>, NoInfer<Claims>>,
): Guard<Scope, Request, Claims> {
  const guards = flatten(toGuards([guard], 'reportOnly'))
  if (guards.some(({ maxAge }) => maxAge !== undefined)) {
    throw new ConfigurationError(
      'reportOnly',
      'cannot hold introspected(): a token is verified before guards are asked',
    )
  }
  const binding = reportOnlyModes(guards)
  const names = namesOf(guards)
  return Object.freeze({
    scopes: [],
    names,
    reportOnly: true,
    ...(binding && { binding }),
    permits(token, request, context) {
      evaluateOnly(guards, (thrown) => context.report(thrown, token, names), token, request, context)
      return true
    },
  } satisfies Guard)
}

function reportOnlyModes(guards: readonly Guard[]): Partial<BindingModes> | undefined {
  const modes = guards.flatMap(({ binding }) => Object.entries(binding ?? {}))
  const other = modes.find(([, mode]) => mode !== 'require')
  if (other) throw new ConfigurationError('reportOnly', `can hold ${other[0]}() with the mode 'require' only`)
  return modes.length === 0 ? undefined : Object.fromEntries(modes.map(([name]) => [name, 'report-only']))
}

function evaluateOnly(
  guards: readonly Guard[],
  report: (thrown: unknown) => void,
  ...[token, request, context]: Parameters<Guard['permits']>
): void {
  const reportRefusal = (outcome: Refused | true) => {
    if (outcome !== true) report(refusalOf(guards, outcome, context.graph))
  }
  try {
    const outcome = allPermit(guards, token, request, context)
    if (isPromise(outcome)) outcome.then(reportRefusal).catch(report)
    else reportRefusal(outcome)
  } catch (thrown) {
    report(thrown)
  }
}
