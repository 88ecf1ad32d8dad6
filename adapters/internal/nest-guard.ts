import { type CanActivate, type ExecutionContext, Inject, Injectable, mixin, Optional, type Type } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { type AccessToken, ConfigurationError, type Decision, type HttpResponse, type Refused } from 'bearward'
import { headersOfError } from './headers-of-error.ts'
import { MOUNTED, type Mounted } from './mounted.ts'
import { BOUND, type NestBound } from './nest-bound.ts'
import { BearwardException, bodyOf, RespondException } from './nest-exception.ts'
import { requestOf } from './nest-request.ts'

/** What a decorator requires of a request. */
export type Require = (bound: NestBound) => ReturnType<NestBound['protect']>

/**
 * Permits requests with a valid token: for `@UseGuards(BearwardGuard)`. As a global guard it leaves routes with a decorator
 * of ours to the guard of that decorator, and those marked `@Public()` to everyone.
 */
export class BearwardGuard implements CanActivate {
  readonly #decide: ReturnType<Require>
  readonly #host: HttpAdapterHost
  readonly #errors: NestBound['server']['errors']

  /** Nest calls it, with what `BearwardModule` provides. */
  constructor(bound?: NestBound, host?: HttpAdapterHost) {
    if (!bound || !host) throw new TypeError(NO_MODULE)
    this.#decide = this.required(bound)
    this.#host = host
    this.#errors = bound.server.errors
  }

  /** What it requires; unknown of a class that extends it, which may permit anything. */
  get [MOUNTED](): Mounted | undefined {
    return OWN.has(this.constructor) ? (this.#decide as { [MOUNTED]?: Mounted })[MOUNTED] : undefined
  }

  /** Read with each request: a testing module creates its guards before its application, and its adapter. */
  get #adapter(): HttpAdapterHost['httpAdapter'] {
    return this.#host.httpAdapter
  }

  protected required({ protect }: NestBound): ReturnType<Require> {
    return protect()
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    return this.#isLeftToOthers(context) || this.decide(context)
  }

  /** Whether a decorator of ours decides about the route, or `@Public()`: never where this guard itself is on it. */
  #isLeftToOthers(context: ExecutionContext): boolean {
    const [method, controller] = [context.getHandler(), context.getClass()]
    const isOwn = (guard: unknown) => guard === this.constructor || guard === this
    if ([method, controller].some((target) => guardsOf(target).some(isOwn))) return false
    return isDecidedBelow(controller, method)
  }

  /** Decides, whatever else guards the route. */
  protected async decide(context: ExecutionContext): Promise<boolean> {
    const decision = await this.#decision(context)
    if (!decision.allowed) return this.#refuse(context, decision)
    tokensOf(context).set(context.getHandler(), decision.token)
    if (context.getType() === 'http') this.#setHeaders(context, decision.headers)
    return true
  }

  /** Without permission, what an earlier guard has permitted is gone. Not before: messages of a connection may overlap. */
  async #decision(context: ExecutionContext): Promise<Decision> {
    const request = requestOf(context, this.#adapter?.getType() === 'fastify')
    let decision: Decision | undefined
    try {
      decision = await this.#decide(request)
      return decision
    } finally {
      if (!decision?.allowed) tokensOf(context).delete(context.getHandler())
    }
  }

  async #refuse(context: ExecutionContext, refused: Refused): Promise<never> {
    if (context.getType() === 'http') {
      this.#setHeaders(context, headersOfError(refused))
      throw new (this.#errors === 'forward' ? BearwardException : RespondException)(refused)
    }
    const { WsException } = await import('@nestjs/websockets')
    throw new WsException(bodyOf(refused))
  }

  #setHeaders(context: ExecutionContext, headers: HttpResponse['headers'] | undefined): void {
    const response = context.switchToHttp().getResponse<unknown>()
    const adapter = this.#adapter
    if (adapter.isHeadersSent(response)) return
    for (const name in headers) adapter.setHeader(response, name, headers[name] as string)
  }
}

const OWN = new WeakSet<object>([BearwardGuard])

// What the decorators of a constructor would do, which only compilers with legacy decorators understand. Nest 12 gives a class
// of `mixin()` the @Optional() of the class that it extends only if that class has types of parameters.
Injectable()(BearwardGuard)
Reflect.defineMetadata('design:paramtypes', [Object, HttpAdapterHost], BearwardGuard)
for (const [index, token] of [BOUND, HttpAdapterHost].entries()) {
  Optional()(BearwardGuard, undefined, index)
  Inject(token)(BearwardGuard, undefined, index)
}

/**
 * The guard of one decorator. Nest creates it at startup, so that wrong guards and scopes fail there.
 *
 * @param place what the decorator is on, such as `OrdersController.list`
 */
export function routeGuard(required: Require, permitsAnonymous: boolean, place: string): Type<CanActivate> {
  class RouteGuard extends BearwardGuard {
    protected override required(bound: NestBound): ReturnType<Require> {
      try {
        return required(bound)
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error
        throw new ConfigurationError(error.option, `${error.problem}: see the decorator of ${place}`)
      }
    }

    override canActivate(context: ExecutionContext): Promise<boolean> {
      return this.decide(context)
    }
  }
  OWN.add(RouteGuard)
  if (permitsAnonymous) ANONYMOUS.add(RouteGuard)
  return mixin(RouteGuard)
}

/** Where Nest keeps the guards of a class or a method. */
const GUARDS = '__guards__'

/** Marks what `@Public()` decorates. */
export const PUBLIC = 'bearward:public'

export const guardsOf = (target: object): readonly unknown[] => Reflect.getMetadata(GUARDS, target) ?? []

/** Whether a guard of ours, or one that extends it, is on a class or a method. */
export const isGuarded = (target: object): boolean =>
  guardsOf(target).some((guard) => guard === BearwardGuard || isExtended(guard))

const isExtended = (guard: unknown): guard is object =>
  typeof guard === 'function' && guard.prototype instanceof BearwardGuard

/** Not a guard of the application that extends ours: it may permit anything. */
const isOfDecorator = (guard: unknown): boolean => isExtended(guard) && OWN.has(guard)

/** As `isGuarded`, without the guards of the application that extend ours. */
export const isGuardedByOurs = (target: object): boolean =>
  guardsOf(target).some((guard) => guard === BearwardGuard || isOfDecorator(guard))

/** The guards of `@OptionalAuth()`. */
const ANONYMOUS = new WeakSet<object>()

const protects = (guard: unknown): boolean => isOfDecorator(guard) && !ANONYMOUS.has(guard as object)

/** Of this class itself: a class that extends it is not public, unless it says so. */
export const isPublic = (target: object): boolean => Reflect.hasOwnMetadata(PUBLIC, target)

/**
 * Whether decorators of ours decide about a route, so that a global guard need not. Nest gives a class the guards of the
 * class that it extends; those that permit anonymous requests count only on the class that has them.
 */
export function isDecidedBelow(controller: object, method: object): boolean {
  const inherited = guardsOf(Object.getPrototypeOf(controller))
  const isOwn = (guard: unknown) => protects(guard) || !inherited.includes(guard)
  return (
    guardsOf(method).some(isOfDecorator) ||
    guardsOf(controller).some((guard) => isOfDecorator(guard) && isOwn(guard)) ||
    isPublic(method) ||
    isPublic(controller)
  )
}

/** By request, or by client of a gateway: the token that a handler may see, `undefined` for an anonymous request. */
const permitted = new WeakMap<object, Map<unknown, AccessToken<unknown> | undefined>>()

const ownerOf = (context: ExecutionContext): object => context.getArgByIndex(0) // of a gateway, the client

function tokensOf(context: ExecutionContext): Map<unknown, AccessToken<unknown> | undefined> {
  const tokens = permitted.get(ownerOf(context)) ?? new Map()
  permitted.set(ownerOf(context), tokens)
  return tokens
}

/** @throws {Error} if no guard has permitted the request */
export function tokenIn(context: ExecutionContext): AccessToken<unknown> | undefined {
  const tokens = permitted.get(ownerOf(context))
  if (!tokens?.has(context.getHandler())) throw new Error(NO_GUARD)
  return tokens.get(context.getHandler())
}

const NO_MODULE =
  'bearward: guards need BearwardModule.forRoot({ resource, issuer }) in the imports of the root module; let Nest create them, ' +
  'as in @UseGuards(BearwardGuard) or forRoot(options, { global: true })'

const NO_GUARD =
  'bearward: @Token() needs a guard on the route, such as @RequireScope() or @OptionalAuth(), or one for all routes: ' +
  'forRoot(options, { global: true })'
