import type { Server } from 'node:http'
import { Controller, Get, type INestApplication, UseGuards } from '@nestjs/common'
import { BearwardModule, type NestDecorator, OptionalAuth, Public, RequireScope } from 'bearward/nest'
import { routeSecurity } from 'bearward/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { exchange } from '../support/http/raw-client.ts'
import { controllerOf, createApp, listen, options, PLATFORMS } from './nest-kit.ts'

let app: INestApplication<Server> | undefined
afterEach(() => app?.close())

const say = () => 'reached'

// Nest gives a class the guards and the metadata of the class that it extends: without this, extending an open controller would
// open the new one without a sign of it.
describe.each(PLATFORMS)(
  'a controller that extends another one, on Nest on %s, with a global guard (F4)',
  (platform) => {
    interface Bases {
      readonly method?: readonly NestDecorator[]
      readonly own?: readonly NestDecorator[]
    }
    async function statusesOf(base: readonly NestDecorator[], { method = [], own = [] }: Bases = {}) {
      const Base = controllerOf({ inherited: { handler: say, on: method } }, ...base)
      class Extending extends Base {}
      const added = { value: () => 'reached', configurable: true, writable: true }
      Object.defineProperty(Extending.prototype, 'added', added)
      Get('added')(Extending.prototype, 'added', added)
      Controller('extending')(Extending)
      for (const decorate of own) decorate(Extending)
      const imports = [BearwardModule.forRoot(options, { global: true })]
      app = await createApp(platform, { imports, controllers: [Base, Extending] })
      const port = await listen(app)
      const targets = ['/inherited', '/extending/inherited', '/extending/added']
      const responses = await Promise.all(targets.map((target) => exchange(port, { target })))
      // Route coverage must say the same (N9).
      const routes = await routeSecurity(app)
      const isOpen = targets.map((target) => routes.find(({ path }) => path === target)?.optional)
      expect(isOpen).toEqual(responses.map(({ status }) => status === 200))
      return responses
    }
    const statuses = async (...args: Parameters<typeof statusesOf>) =>
      (await statusesOf(...args)).map(({ status }) => status)

    it('does not inherit what opens the class', async () => {
      expect(await statuses([Public()])).toEqual([200, 401, 401])
      await app?.close()
      expect(await statuses([OptionalAuth()])).toEqual([200, 401, 401])
      await app?.close()
      // Nest then lists the inherited guards as the class's own.
      const other = UseGuards({ canActivate: () => true }) as NestDecorator
      expect(await statuses([OptionalAuth()], { own: [other] })).toEqual([200, 401, 401])
    })

    it('opens by a decorator of its own, or of an inherited method', async () => {
      expect(await statuses([Public()], { own: [Public()] })).toEqual([200, 200, 200])
      await app?.close()
      expect(await statuses([OptionalAuth()], { own: [OptionalAuth()] })).toEqual([200, 200, 200])
      await app?.close()
      expect(await statuses([], { method: [Public()] })).toEqual([200, 200, 401])
      await app?.close()
      expect(await statuses([], { method: [OptionalAuth()] })).toEqual([200, 200, 401])
    })

    it('inherits what protects the class, with its challenge (RFC 6750 §3.1)', async () => {
      const responses = await statusesOf([RequireScope('admin')])
      expect(responses.map(({ status }) => status)).toEqual([401, 401, 401])
      for (const { header } of responses) expect(header('WWW-Authenticate')).toContain('scope="admin"')
    })
  },
)
