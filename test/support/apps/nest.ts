import 'reflect-metadata'
import type { RequestListener } from 'node:http'
import {
  type ArgumentsHost,
  Catch,
  Controller,
  Delete,
  Get,
  HttpCode,
  type INestApplication,
  Module,
  Post,
  Put,
} from '@nestjs/common'
import { BaseExceptionFilter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { AccessToken, ResourceServer } from 'bearward'
import {
  BearwardModule,
  type NestDecorator,
  OptionalAuth,
  Protect,
  RESOURCE_SERVER,
  RequireAnyScope,
  RequireScope,
  Token,
} from 'bearward/nest'
import { type App, type AppOptions, type Bound, type Route, reachedBy, serve } from './app.ts'

const METHODS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete }

const decorators: Bound<NestDecorator> = {
  protect: Protect,
  optionalAuth: OptionalAuth,
  requireScope: RequireScope,
  requireAnyScope: RequireAnyScope,
}

/** Nest on Express. */
export async function nestExpressApp(settings: AppOptions): Promise<App> {
  const { module, reached } = moduleOf(settings)
  const app = await NestFactory.create(module, new ExpressAdapter(), { logger: false, abortOnError: false })
  observeErrors(app, settings)
  await app.init()
  const listener = app.getHttpAdapter().getInstance() as RequestListener
  return serve('Nest on Express', listener, { server: app.get<ResourceServer>(RESOURCE_SERVER), reached }, settings.tls)
}

/** Nest on Fastify. */
export async function nestFastifyApp(settings: AppOptions): Promise<App> {
  const { module, reached } = moduleOf(settings)
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  })
  observeErrors(app, settings)
  await app.init()
  const fastify = app.getHttpAdapter().getInstance()
  await fastify.ready()
  const listener: RequestListener = (request, response) => fastify.routing(request, response)
  return serve('Nest on Fastify', listener, { server: app.get<ResourceServer>(RESOURCE_SERVER), reached }, settings.tls)
}

function observeErrors(app: INestApplication, { onError }: AppOptions): void {
  if (!onError) return
  class Observer extends BaseExceptionFilter {
    override catch(exception: unknown, host: ArgumentsHost): void {
      onError?.(exception)
      super.catch(exception, host)
    }
  }
  Catch()(Observer)
  app.useGlobalFilters(new Observer(app.getHttpAdapter()))
}

function moduleOf({ options, routes }: AppOptions) {
  const reached: string[] = []
  class AppModule {}
  Module({
    imports: [BearwardModule.forRoot(options)],
    controllers: routes.map((route) => controllerOf(route, reached)),
  })(AppModule)
  return { module: AppModule, reached }
}

/** What a developer writes with decorators, which only compilers with legacy decorators understand. */
function controllerOf({ path, methods = ['GET'], use, router }: Route, reached: string[]) {
  class RouteController {}
  Controller(router?.prefix ?? '/')(RouteController)
  for (const decorate of router?.use(decorators) ?? []) decorate(RouteController)
  for (const method of methods) {
    const handler = (token: AccessToken | undefined) => {
      reached.push(path)
      return reachedBy(path, token)
    }
    const descriptor = { value: handler, configurable: true, writable: true }
    Object.defineProperty(RouteController.prototype, method, descriptor)
    for (const decorate of use(decorators)) decorate(RouteController.prototype, method, descriptor)
    METHODS[method](path.slice(router?.prefix.length ?? 0))(RouteController.prototype, method, descriptor)
    HttpCode(200)(RouteController.prototype, method, descriptor)
    Token()(RouteController.prototype, method, 0)
  }
  return RouteController
}
