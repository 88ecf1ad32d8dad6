import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  type ExecutionContext,
  type INestApplication,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { WsAdapter } from '@nestjs/platform-ws'
import { SubscribeMessage, WebSocketGateway, type WsException } from '@nestjs/websockets'
import type { AccessToken } from 'bearward'
import { BearwardGuard, BearwardModule, OptionalAuth, Protect, Public, RequireScope, Token } from 'bearward/nest'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { NOW } from '../corpus/kit.ts'
import { classOf, createApp, good, listen, type Method, options } from './nest-kit.ts'

let app: INestApplication<Server> | undefined
const clients: WebSocket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate()
  await app?.close()
})

/** With `ws`, a filter has to send the error: Nest's own only emits it on the client object. */
class SendError {
  catch(exception: WsException, host: ArgumentsHost) {
    const client = host.switchToWs().getClient<WebSocket>()
    client.send(JSON.stringify(typeof exception.getError === 'function' ? exception.getError() : String(exception)))
  }
}
Catch()(SendError)

const reply: Method = {
  handler: (token?: AccessToken) => ({ event: 'reply', data: token?.subject ?? null }),
  parameters: [Token()],
}

const remember: Method = {
  handler: (...[client, request]: [WebSocket, IncomingMessage]) => void Object.assign(client, { request }),
}

async function start(
  methods: Readonly<Record<string, Method>>,
  { connection = remember, global = false, clock = (): number => NOW } = {},
): Promise<number> {
  const messages = Object.entries(methods).map(([name, method]): [string, Method] => [
    name,
    { ...method, on: [...(method.on ?? []), SubscribeMessage(name)] },
  ])
  const gateway = classOf(
    { ...Object.fromEntries(messages), handleConnection: connection },
    WebSocketGateway(),
    UseFilters(new SendError()),
  )
  app = await createApp('Express', {
    imports: [BearwardModule.forRoot({ ...options, clock }, { global })],
    providers: [gateway],
  })
  app.useWebSocketAdapter(new WsAdapter(app))
  return listen(app)
}

async function connect(port: number, ...tokens: readonly string[]): Promise<WebSocket> {
  const headers: Record<string, unknown> = { authorization: tokens.map((token) => `Bearer ${token}`) }
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { headers: headers as Record<string, string> })
  clients.push(client)
  await once(client, 'open')
  return client
}

async function ask(client: WebSocket, event: string): Promise<unknown> {
  client.send(JSON.stringify({ event, data: {} }))
  const [message] = (await once(client, 'message')) as [Buffer]
  return JSON.parse(String(message))
}

const GUARDED = {
  orders: { ...reply, on: [RequireScope('read:orders')] },
  admin: { ...reply, on: [RequireScope('admin')] },
  open: { ...reply, on: [OptionalAuth()] },
  plain: { ...reply, on: [UseGuards(BearwardGuard)] },
  bare: reply,
  health: { handler: () => ({ event: 'reply', data: 'ok' }), on: [Public()] },
}

it('guards each message with the request that has opened the connection', async () => {
  const client = await connect(await start(GUARDED), good)
  expect(await ask(client, 'orders')).toEqual({ event: 'reply', data: 'user-1' })
  expect(await ask(client, 'plain')).toEqual({ event: 'reply', data: 'user-1' })
  expect(await ask(client, 'open')).toEqual({ event: 'reply', data: 'user-1' })
  expect(await ask(client, 'admin')).toMatchObject({ error: 'insufficient_scope', reason: 'scope' })
  expect(await ask(client, 'bare'), 'a message without a guard gets no token').toMatch(/@Token\(\) needs a guard/)
})

it('refuses clients without a token, and with two credentials (RFC 6750 §2)', async () => {
  const port = await start(GUARDED)
  const anonymous = await connect(port)
  expect(await ask(anonymous, 'orders')).toMatchObject({ reason: 'no_credentials' })
  expect(await ask(anonymous, 'open')).toEqual({ event: 'reply', data: null })
  const two = await connect(port, good, good)
  expect(await ask(two, 'orders')).toMatchObject({ reason: 'several_credentials' })
})

it('decides each message again: a token expires while the connection is open', async () => {
  let now = NOW
  const client = await connect(await start(GUARDED, { clock: () => now }), good)
  expect(await ask(client, 'orders')).toMatchObject({ event: 'reply' })
  now += 1_000_000
  expect(await ask(client, 'orders')).toMatchObject({ reason: 'expired' })
})

it('with global: true a message needs a decorator, because Nest runs no global guards for gateways', async () => {
  await expect(start(GUARDED, { global: true })).rejects.toThrow('Decorated.bare is open')
  await app?.close()
  const { bare: _, ...decorated } = GUARDED
  const client = await connect(await start(decorated, { global: true }))
  expect(await ask(client, 'orders')).toMatchObject({ reason: 'no_credentials' })
  expect(await ask(client, 'health')).toEqual({ event: 'reply', data: 'ok' })
})

it('a gateway that does not keep the request lets nothing through, and says what to write', async () => {
  const client = await connect(await start(GUARDED, { connection: { handler: () => undefined } }), good)
  expect(await ask(client, 'orders')).toMatch(/handleConnection\(client, request\)/)
})

it('messages of one connection may overlap: each handler gets its token', async () => {
  const stages = new EventEmitter()
  const at = (stage: string) => once(stages, stage)
  const wait = async (stage: string) => {
    const released = at(`release ${stage}`)
    stages.emit(stage)
    await released
    return true
  }
  let [decided, permitted] = [0, 0]
  const guard = async () => (decided++ === 0 ? true : wait('second message in its guard'))
  const intercept = async (_: ExecutionContext, next: CallHandler) => {
    if (permitted++ === 0) await wait('first message behind its guard')
    return next.handle()
  }
  const orders = { ...reply, on: [UseInterceptors({ intercept }), Protect(guard)] }
  const client = await connect(await start({ orders }), good)
  const behind = at('first message behind its guard')
  const first = ask(client, 'orders')
  await behind
  const inGuard = at('second message in its guard')
  client.send(JSON.stringify({ event: 'orders', data: {} }))
  await inGuard
  stages.emit('release first message behind its guard')
  expect(await first).toEqual({ event: 'reply', data: 'user-1' })
  const second = once(client, 'message')
  stages.emit('release second message in its guard')
  expect(JSON.parse(String((await second)[0]))).toEqual({ event: 'reply', data: 'user-1' })
})
