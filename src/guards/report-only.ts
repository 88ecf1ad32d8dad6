import { ConfigurationError } from '../errors/errors.ts'
import type { BindingModes } from '../sender-constraint/mode.ts'
import { isThenable } from '../util/thenable.ts'
import { type RefusingGuard, refusalFor } from './demand.ts'
import { firstRefusing, run } from './evaluate.ts'
import { flatten, type Guard, type GuardLike, namesOf, toGuards } from './guard.ts'

/**
 * Evaluates a guard without enforcing it: it rejects nothing and emits a `report` event for each request it would have
 * rejected. The request does not wait for it. Its scopes are checked at startup and never named in a challenge.
 *
 * `reportOnly(dpop('require'))` is `dpop('report-only')`; the same for `mtls`. Side effects of the guard itself, such as
 * writing to the request, are not undone.
 *
 * @throws {ConfigurationError} if it contains `introspected()`, which makes requests wait, or `dpop()` or `mtls()` with a
 * mode other than `require`
 */
export function reportOnly<const Scope extends string = never, Request extends object = object, Claims = unknown>(
  guard: GuardLike<Scope, NoInfer<Request>, NoInfer<Claims>>,
): Guard<Scope, Request, Claims> {
  const guards = flatten(toGuards([guard], 'reportOnly'))
  if (guards.some(({ maxAge }) => maxAge !== undefined)) {
    throw new ConfigurationError(
      'reportOnly',
      'cannot contain introspected(): a token is verified before guards are evaluated',
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
      evaluateOnly(guards, (outcome) => context.report(outcome, token, request, names), token, request, context)
      return true
    },
  } satisfies Guard)
}

function reportOnlyModes(guards: readonly Guard[]): Partial<BindingModes> | undefined {
  const modes = guards.flatMap(({ binding }) => Object.entries(binding ?? {}))
  const other = modes.find(([, mode]) => mode !== 'require')
  if (other) throw new ConfigurationError('reportOnly', `can contain ${other[0]}() only with the mode 'require'`)
  return modes.length === 0 ? undefined : Object.fromEntries(modes.map(([name]) => [name, 'report-only']))
}

function evaluateOnly(
  guards: readonly Guard[],
  report: (outcome: unknown) => void,
  ...[token, request, context]: Parameters<Guard['permits']>
): void {
  const reportRefused = (refused: RefusingGuard | undefined) => {
    if (refused) report(refusalFor(guards, refused, context.graph))
  }
  try {
    const refused = run(firstRefusing(guards, token, request, context))
    if (isThenable(refused)) refused.then(reportRefused).catch(report)
    else reportRefused(refused)
  } catch (thrown) {
    report(thrown)
  }
}
