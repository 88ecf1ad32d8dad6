import type { Server } from 'node:http'
import { type INestApplication, Injectable, Module } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import type { AccessToken } from 'bearward'
import { BearwardModule, RequireScope, Token } from 'bearward/nest'
import { createTestIssuer, expectChallenge } from 'bearward/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { controllerOf, listen, options, PLATFORMS } from './nest-kit.ts'

// A module as docs/nest.md tests it: the guards exist before the application and its adapter do.

let app: INestApplication<Server> | undefined
afterEach(() => app?.close())

class AuthOptions {
  value = options
}
Injectable()(AuthOptions)

class AuthOptionsModule {}
Module({ providers: [AuthOptions], exports: [AuthOptions] })(AuthOptionsModule)

const controller = controllerOf({
  guarded: {
    handler: (token: AccessToken) => ({ for: token.subject }),
    on: [RequireScope('read:orders')],
    parameters: [Token()],
  },
  plain: { handler: (token: AccessToken) => ({ for: token.subject }), parameters: [Token()] },
})

describe.each(PLATFORMS)('a testing module of Nest on %s (F4)', (platform) => {
  it('guards its routes, with the options of a test issuer', async () => {
    const issuer = await createTestIssuer()
    const testing = await Test.createTestingModule({
      imports: [
        BearwardModule.forRootAsync({
          imports: [AuthOptionsModule],
          inject: [AuthOptions],
          useFactory: ({ value }: AuthOptions) => value,
          global: true,
        }),
      ],
      controllers: [controller],
    })
      .overrideProvider(AuthOptions)
      .useValue({ value: issuer.options })
      .compile()
    const settings = { logger: false } as const
    app =
      platform === 'Express'
        ? testing.createNestApplication(new ExpressAdapter(), settings)
        : testing.createNestApplication(new FastifyAdapter(), settings)
    const port = await listen(app)
    const ask = (path: string, token?: string) =>
      fetch(
        `http://127.0.0.1:${port}/${path}`,
        token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
      )

    expectChallenge(await ask('guarded'), { scope: 'read:orders' })
    expectChallenge(await ask('plain'), {})
    expect((await ask('guarded', await issuer.jwt({ scope: 'other' }))).status).toBe(403)
    const response = await ask('guarded', await issuer.jwt({ scope: 'read:orders', sub: 'alice' }))
    expect([response.status, await response.json()]).toEqual([200, { for: 'alice' }])
  })
})
