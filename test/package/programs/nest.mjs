import 'reflect-metadata'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { BearwardModule, RequireScope, Token } from 'bearward/nest'
import { exercise, issuer, keys, resource } from './token.mjs'

// What TypeScript makes of decorators.
class OrdersController {
  list(token) {
    return { for: token.subject }
  }
}
const list = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'list')
for (const decorate of [RequireScope('read:orders'), Get()]) decorate(OrdersController.prototype, 'list', list)
Token()(OrdersController.prototype, 'list', 0)
Controller('orders')(OrdersController)

class AppModule {}
const imports = [BearwardModule.forRoot({ resource, issuer: { issuer, keys } })]
Module({ imports, controllers: [OrdersController] })(AppModule)

const app = await NestFactory.create(AppModule, { logger: false })
await app.listen(0, '127.0.0.1')
const { port } = app.getHttpServer().address()
await exercise((headers) => fetch(`http://127.0.0.1:${port}/orders`, { headers: { connection: 'close', ...headers } }))
await app.close()
