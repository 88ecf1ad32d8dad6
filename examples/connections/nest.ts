// A WebSocket gateway on NestJS 11, with ws. A connection is closed with 4401 when its token expires or is revoked, here because
// its user signs out at the authorization server. A client renews the token by sending a new one.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com CLIENT_ID=web-app PORT=3000 node nest.js

import 'reflect-metadata'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type INestApplication, Inject, type MiddlewareConsumer, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WsAdapter } from '@nestjs/platform-ws'
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { type AccessToken, type ResourceServer, scope } from 'bearward'
import { BearwardModule, endpoint, Public, RESOURCE_SERVER, RequireScope, Token } from 'bearward/nest'
import { revocation } from 'bearward/revocation'
import type { WebSocket } from 'ws'
import { type HeldToken, holdToken } from './held-token.ts'
import { MAX_BYTES } from './messages.ts'
import { address, clientId, issuer, resource } from './settings.ts'

const revoked = revocation({ logout: { clients: clientId } })
const guards = [scope('read:orders')]
const orders = [{ id: 1, item: 'tea' }]

/** Guards of messages read `request`; `opening` is the one that has opened the connection. */
type Client = WebSocket & { request?: IncomingMessage; opening?: IncomingMessage }

const lines = (request: IncomingMessage, name: string): readonly string[] => request.headersDistinct[name] ?? []

@WebSocketGateway({ maxPayload: MAX_BYTES })
class OrdersGateway {
  private readonly held = new WeakMap<Client, HeldToken>()
  private readonly server: ResourceServer

  constructor(@Inject(RESOURCE_SERVER) server: ResourceServer) {
    this.server = server
  }

  /** Nest runs no guards here, and the connection is open already. */
  async handleConnection(client: Client, request: IncomingMessage): Promise<void> {
    client.request = client.opening = request
    const token = await this.server
      .authenticate(
        {
          native: request,
          method: 'GET',
          target: request.url ?? '/',
          authorization: lines(request, 'authorization'),
          contentType: undefined,
          headers: (name) => lines(request, name),
        },
        guards,
      )
      .catch(() => undefined)
    if (!token) client.close(4401, 'refused')
    // A client that has left meanwhile must not leave a watch behind.
    else if (client.readyState === client.OPEN)
      this.held.set(
        client,
        holdToken(this.server, token, guards, (why) => client.close(4401, why)),
      )
  }

  handleDisconnect(client: Client): void {
    this.held.get(client)?.release()
  }

  /** Guarded with the token that the client has now. */
  @SubscribeMessage('orders')
  @RequireScope('read:orders')
  list(@Token() token: AccessToken) {
    return { event: 'orders', data: { orders, for: token.subject } }
  }

  /** The new token is the credential. */
  @SubscribeMessage('renew')
  @Public()
  async renew(@ConnectedSocket() client: Client, @MessageBody() body: { token?: unknown } | undefined) {
    const held = this.held.get(client)
    const isRenewed = (await held?.renew(body?.token)) === true
    // From now on, the guards of messages see the new token.
    if (held?.current && client.opening) client.request = withToken(client.opening, held.current)
    return { event: isRenewed ? 'renewed' : 'not_renewed' }
  }
}

const withToken = (request: IncomingMessage, { raw }: AccessToken): IncomingMessage =>
  Object.create(request, { headers: { value: { ...request.headers, authorization: `Bearer ${raw}` } } })

@Module({
  imports: [BearwardModule.forRoot({ resource, issuer, scopes: ['read:orders'], revocation: revoked })],
  providers: [OrdersGateway],
})
class AppModule {
  private readonly server: ResourceServer

  constructor(@Inject(RESOURCE_SERVER) server: ResourceServer) {
    this.server = server
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(endpoint(revoked.backchannelLogout)).forRoutes('logout') // the backchannel_logout_uri of the client
  }

  /** Loading the keys now spares the first caller the wait. An outage at this moment is no reason not to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.server.ready().catch((error: Error) => console.warn(`The keys are loaded later: ${error.message}`))
  }
}

const app: INestApplication<Server> = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
app.useWebSocketAdapter(new WsAdapter(app))
app.enableShutdownHooks(['SIGINT', 'SIGTERM'])
await app.listen(address.port, address.host)
console.log(`WebSockets at http://localhost:${(app.getHttpServer().address() as AddressInfo).port}/`)
