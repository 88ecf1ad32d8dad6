import 'reflect-metadata'
import { Controller, Get, HttpException, Module, Req, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { importBearward } from '../../lib/bearward.mjs'
import { createCheck } from '../hand-written.mjs'
import { GUARDED, OPEN } from '../routes.mjs'
import { ownOptions } from './options.mjs'

/**
 * The decorator of the route, that of its parameter, and how its handler gets at the subject.
 *
 * @typedef {{ guard: any, parameter: any, subject: (given: any) => string, imports: any[] }} Guard
 */

/** @type {Record<string, (settings: import('../server.mjs').Settings) => Promise<Guard>>} */
const guards = {
  async 'hand-written check'(settings) {
    const check = await createCheck(settings)
    class HandWritten {
      async canActivate(/** @type {any} */ context) {
        const http = context.switchToHttp()
        const { status, claims } = await check(http.getRequest().headers.authorization)
        http.getRequest().claims = claims
        if (status === 200) return true
        http.getResponse().header('WWW-Authenticate', 'Bearer')
        throw new HttpException({ status }, status)
      }
    }
    return { guard: UseGuards(HandWritten), parameter: Req(), subject: ({ claims }) => claims.sub, imports: [] }
  },
  async bearward(settings) {
    const { BearwardModule, RequireScope, Token } = await importBearward('./nest')
    const imports = [BearwardModule.forRoot(ownOptions(settings))]
    return { guard: RequireScope(settings.scope), parameter: Token(), subject: ({ subject }) => subject, imports }
  },
}

/** @type {Record<string, () => Promise<any>>} */
const platforms = {
  express: async () => new (await import('@nestjs/platform-express')).ExpressAdapter(),
  fastify: async () => new (await import('@nestjs/platform-fastify')).FastifyAdapter(),
}

/** @param {string} name @param {import('../server.mjs').Settings} settings @param {string} platform */
export async function listen(name, settings, platform) {
  const { guard, parameter, subject, imports } = await guards[name](settings)
  // What a compiler makes of decorators.
  class Routes {
    open() {
      return { subject: settings.subject }
    }
    guarded(/** @type {any} */ given) {
      return { subject: subject(given) }
    }
  }
  /** @param {'open' | 'guarded'} method @param {any[]} decorators */
  const decorate = (method, ...decorators) => {
    const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, method)
    for (const decorator of decorators) decorator(Routes.prototype, method, descriptor)
  }
  decorate('open', Get(OPEN))
  decorate('guarded', Get(GUARDED), guard)
  parameter(Routes.prototype, 'guarded', 0)
  Controller()(Routes)
  class App {}
  Module({ imports, controllers: [Routes] })(App)
  const app = await NestFactory.create(App, await platforms[platform](), { logger: false })
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer().address().port
}
