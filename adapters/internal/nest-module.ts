import type { ServerResponse } from 'node:http'
import {
  type ArgumentsHost,
  Catch,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  type InjectionToken,
  Module,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
  type Provider,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, BaseExceptionFilter, HttpAdapterHost, ModulesContainer } from '@nestjs/core'
import type { HttpResponse, JwtClaims } from 'bearward'
import type { ResourceServerInput } from './bind.ts'
import { ACCESS, type Access, accessTo, type HasInjectables } from './nest-access.ts'
import { BOUND, bindNest, type NestBound } from './nest-bound.ts'
import { RespondException } from './nest-exception.ts'
import { BearwardGuard } from './nest-guard.ts'
import { mistakesIn } from './nest-mistakes.ts'
import { writeResponse } from './node-response.ts'

/** Injects the resource server: `@Inject(RESOURCE_SERVER) server: ResourceServer`. */
export const RESOURCE_SERVER = Symbol('bearward resource server')

/** Settings of the module. */
export interface BearwardModuleOptions {
  /**
   * Whether every route needs a valid token, except those marked `@Public()`. Nest has no global guards of gateways, so their
   * messages then need a decorator, or the application does not start. Default: false
   */
  readonly global?: boolean
}

/** Options of the resource server from a factory, as of other modules of Nest. */
export interface BearwardAsyncOptions extends BearwardModuleOptions {
  /** The modules whose providers the factory needs. */
  readonly imports?: NonNullable<DynamicModule['imports']>
  /** What the factory gets. */
  readonly inject?: NonNullable<FactoryProvider['inject']>
  /** Returns the options of a resource server, or a resource server, or a promise of one. */
  readonly useFactory: FactoryProvider<ResourceServerInput<string, unknown>>['useFactory']
}

/** Creates the resource server, provides it to the guards of every module, and serves its metadata (RFC 9728). */
export class BearwardModule implements NestModule, OnModuleInit, OnApplicationShutdown {
  readonly #bound: NestBound
  readonly #host: HttpAdapterHost
  readonly #modules: ModulesContainer

  /** Nest calls it. */
  constructor(bound: NestBound | undefined, host: HttpAdapterHost, modules: ModulesContainer) {
    if (!bound) throw new TypeError(NO_OPTIONS)
    this.#bound = bound
    this.#host = host
    this.#modules = modules
  }

  /**
   * @param input options, or a resource server that other code shares
   * @throws {ConfigurationError} naming the option that is wrong
   */
  static forRoot<const Scope extends string = string, Claims = JwtClaims>(
    input: ResourceServerInput<Scope, Claims>,
    { global = false }: BearwardModuleOptions = {},
  ): DynamicModule {
    const bound = bindNest(input as ResourceServerInput<string, unknown>, global)
    return moduleWith({ provide: BOUND, useValue: bound }, global)
  }

  /** As `forRoot`, with options from a factory. An option that is wrong fails the start of the application. */
  static forRootAsync({ imports = [], inject = [], useFactory, global = false }: BearwardAsyncOptions): DynamicModule {
    const create = async (...injected: readonly unknown[]) => bindNest(await useFactory(...injected), global)
    return { ...moduleWith({ provide: BOUND, inject, useFactory: create }, global), imports }
  }

  /** Before routes and guards, and wherever a global prefix puts the routes: clients find the document by its URL. */
  configure(): void {
    // Where the factory depends on the request, Nest calls this on an object that it has not constructed.
    if (!(#host in this)) throw new TypeError(PER_REQUEST)
    this.#host.httpAdapter?.use(this.#bound.metadata())
  }

  /** For `bearward/testing`. */
  [ACCESS](module: HasInjectables, controller: object, method: object): Access {
    return accessTo(module, controller, method, this.#bound.global)
  }

  /** @throws {TypeError} naming the decorators that would guard nothing */
  onModuleInit(): void {
    const mistakes = mistakesIn(this.#modules, BearwardModule, this.#bound.global)
    if (mistakes.length > 0) throw new TypeError(`bearward: ${mistakes.join('; ')}`)
  }

  onApplicationShutdown(): void {
    if (this.#bound.owned) this.#bound.server.close()
  }
}

/** Sends the response of a refusal. */
class RespondFilter extends BaseExceptionFilter<RespondException> {
  readonly #host: HttpAdapterHost

  constructor(host: HttpAdapterHost) {
    super()
    this.#host = host
  }

  override catch(exception: RespondException, host: ArgumentsHost): void {
    const adapter = this.#host.httpAdapter
    const response = host.getArgByIndex<ServerResponse & FastifyResponse>(1)
    if (adapter.isHeadersSent(response)) super.catch(exception, host)
    else if (adapter.getType() === 'fastify') send(response, exception.httpResponse)
    else writeResponse(response, exception.httpResponse)
  }
}

/** The part of Fastify's reply that sends a response. */
interface FastifyResponse {
  code(status: number): FastifyResponse
  headers(headers: HttpResponse['headers']): FastifyResponse
  send(body: Buffer): unknown
}

/** Sends bytes, because Fastify would add a charset to the media type of a JSON text. */
function send(reply: FastifyResponse, { status, headers, body }: HttpResponse): void {
  reply.code(status).headers(headers).send(Buffer.from(body))
}

// What decorators would do, which only compilers with legacy decorators understand.
Catch(RespondException)(RespondFilter)
injected(RespondFilter, HttpAdapterHost)
Module({})(BearwardModule)
Optional()(BearwardModule, undefined, 0)
injected(BearwardModule, BOUND, HttpAdapterHost, ModulesContainer)

function injected(target: object, ...tokens: readonly InjectionToken[]): void {
  for (const [index, token] of tokens.entries()) Inject(token)(target, undefined, index)
}

const moduleWith = (bound: Provider, global: boolean): DynamicModule => ({
  module: BearwardModule,
  global: true, // in the sense of Nest: its providers are found in every module
  providers: [
    bound,
    { provide: RESOURCE_SERVER, inject: [BOUND], useFactory: ({ server }: NestBound) => server },
    { provide: APP_FILTER, useClass: RespondFilter },
    ...(global ? [{ provide: APP_GUARD, useClass: BearwardGuard }] : []),
  ],
  exports: [BOUND, RESOURCE_SERVER],
})

const PER_REQUEST =
  'bearward: a resource server serves all requests, but the factory of forRootAsync injects a request-scoped provider: inject ' +
  'only singletons; for several tenants, set issuer: { allow, resolve }'

const NO_OPTIONS = 'bearward: import BearwardModule.forRoot({ resource, issuer }), not BearwardModule'
