// An orders API on NestJS 11.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node nest.js

import 'reflect-metadata'
import { Body, Controller, Get, HttpCode, type INestApplication, Inject, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { AccessToken, ResourceServer } from 'bearward'
import { BearwardModule, OptionalAuth, Public, RESOURCE_SERVER, RequireScope, Token } from 'bearward/nest'

const { ISSUER, RESOURCE, HOST = '127.0.0.1', PORT = '3000' } = process.env
if (!ISSUER || !RESOURCE) {
  if (!ISSUER) console.error('ISSUER is not set. It is the URL of your authorization server.')
  if (!RESOURCE) console.error('RESOURCE is not set. It is the URL of this API, as tokens name it in their audience.')
  process.exit(2)
}
if (!/^\d{1,5}$/.test(PORT)) {
  console.error('PORT is not a port number.')
  process.exit(2)
}

const orders = [{ id: 1, item: 'tea', by: 'somebody' }]

@Controller()
class OrdersController {
  @Get('orders')
  @RequireScope('read:orders')
  list() {
    return { orders }
  }

  @Post('orders')
  @HttpCode(201)
  @RequireScope('write:orders')
  create(@Token() token: AccessToken, @Body() body: { item?: unknown } | undefined) {
    const order = { id: orders.length + 1, item: String(body?.item ?? 'tea'), by: token.subject ?? 'somebody' }
    orders.push(order)
    return order
  }

  /** For everybody. A request with a token is greeted by name; a bad token is refused all the same. */
  @Get('me')
  @OptionalAuth()
  me(@Token() token: AccessToken | undefined) {
    return { caller: token?.subject ?? 'anonymous' }
  }

  @Get('health')
  @Public()
  health() {
    return 'ok'
  }
}

@Module({
  imports: [
    // Every route needs a valid token, except those marked @Public(). The module also serves the document that challenges
    // point to (RFC 9728).
    BearwardModule.forRoot(
      { resource: RESOURCE, issuer: ISSUER, scopes: ['read:orders', 'write:orders'] },
      { global: true },
    ),
  ],
  controllers: [OrdersController],
})
class AppModule {
  private readonly server: ResourceServer

  constructor(@Inject(RESOURCE_SERVER) server: ResourceServer) {
    this.server = server
  }

  /** Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))
  }
}

const app: INestApplication = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
app.enableShutdownHooks(['SIGINT', 'SIGTERM']) // pending requests still get their responses
// On loopback only; HOST=0.0.0.0 is for a container.
await app.listen(Number(PORT), HOST)
console.log(`Orders at http://localhost:${PORT}/orders`)
