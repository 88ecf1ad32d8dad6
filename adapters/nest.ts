import { createParamDecorator, type ExecutionContext, SetMetadata, type Type, UseGuards } from '@nestjs/common'
import { anyScope, type GuardLike, scope } from 'bearward'
import { PUBLIC, type Require, routeGuard, tokenIn } from './internal/nest-guard.ts'

export type { ResourceServerInput } from './internal/bind.ts'
export { endpoint, type NestEndpoint } from './internal/nest-bound.ts'
export { BearwardException } from './internal/nest-exception.ts'
export { BearwardGuard } from './internal/nest-guard.ts'
export {
  type BearwardAsyncOptions,
  BearwardModule,
  type BearwardModuleOptions,
  RESOURCE_SERVER,
} from './internal/nest-module.ts'

/** A decorator of controllers and gateways, and of their methods. */
export type NestDecorator = ClassDecorator & MethodDecorator

/**
 * Permits requests with a valid token that all guards permit. Each decorator on the class and on the method has to permit.
 *
 * @typeParam Native the request that guard functions get: that of Express, of Fastify, or the one that opened a connection
 * @throws {ConfigurationError} something that is not a guard
 */
export function Protect<Native extends object = object>(
  ...guards: readonly GuardLike<string, Native, never>[]
): NestDecorator {
  return guardedBy('Protect', guards, (bound) => bound.protect(...(guards as readonly GuardLike[])))
}

/**
 * As `@Protect()`, but also permits requests without a credential; `@Token()` is then `undefined`. On a class that is
 * extended, it does not replace the guard of `forRoot(options, { global: true })` for the other class.
 */
export function OptionalAuth<Native extends object = object>(
  ...guards: readonly GuardLike<string, Native, never>[]
): NestDecorator {
  return guardedBy('OptionalAuth', guards, (bound) => bound.optionalAuth(...(guards as readonly GuardLike[])), true)
}

/** `@Protect(scope(…))`: all of these scopes. */
export const RequireScope = (...scopes: readonly [string, ...string[]]): NestDecorator => Protect(scope(...scopes))

/** `@Protect(anyScope(…))`: one of these scopes. */
export const RequireAnyScope = (...scopes: readonly [string, ...string[]]): NestDecorator =>
  Protect(anyScope(...scopes))

/**
 * Exempts a class or a method from the guard of `forRoot(options, { global: true })`. A class that extends a public one is
 * not public; a method that is inherited and public is.
 */
export function Public(...nothing: readonly never[]): NestDecorator {
  refuseTarget('Public', nothing)
  return SetMetadata(PUBLIC, true)
}

/**
 * Injects the token of the request into a parameter: `undefined` for an anonymous request.
 *
 * @throws {Error} in the handler of a route without a guard
 */
export const Token: () => ParameterDecorator = createParamDecorator((_: undefined, context: ExecutionContext) =>
  tokenIn(context),
)

function guardedBy(
  name: string,
  given: readonly unknown[],
  required: Require,
  permitsAnonymous = false,
): NestDecorator {
  refuseTarget(name, given)
  // A guard for each place, so that its error at startup names the place.
  const decorate = (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) =>
    (UseGuards(routeGuard(required, permitsAnonymous, placeOf(target, key))) as Decorate)(target, key, descriptor)
  return decorate as NestDecorator
}

type Decorate = (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => unknown

/** `OrdersController`, or `OrdersController.list`. */
const placeOf = (target: object, key: string | symbol | undefined): string =>
  key === undefined ? (target as Type).name : `${target.constructor.name}.${String(key)}`

/** Without parentheses, a decorator gets what it decorates, and would decorate nothing. */
function refuseTarget(name: string, given: readonly unknown[]): void {
  const [first, second] = given
  const isClass = typeof first === 'function' && /^class\b/.test(Function.prototype.toString.call(first))
  if (isClass || typeof second === 'string') throw new TypeError(`bearward: write @${name}(), with parentheses`)
}
