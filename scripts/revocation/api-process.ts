import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { resourceServer } from 'bearward/node'
import { revocationStore } from 'bearward/redis'
import { type RevocationStore, type Revocations, revocation } from 'bearward/revocation'
import { createClient } from 'redis'
import type { Command, Reply, Responses, Start } from './messages.ts'

// One process of the API, with requests to itself over HTTP. It counts the calls of the store, and those that a request has
// caused: all work that a request starts runs in its asynchronous context.

const send = (reply: Reply) => process.send?.(reply)
const requests = new AsyncLocalStorage<true>()
const calls = { all: 0, ofRequests: 0 }

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }
const responses = new Map<string, Mutable<Responses> & { counts: Record<string, number> }>()

function counted(store: RevocationStore): RevocationStore {
  const count = <Parameters extends unknown[], Result>(call: (...parameters: Parameters) => Result) => {
    return (...parameters: Parameters): Result => {
      calls.all++
      if (requests.getStore()) calls.ofRequests++
      return call(...parameters)
    }
  }
  const { subscribe } = store
  return {
    read: count((...parameters) => store.read(...parameters)),
    add: count((...parameters) => store.add(...parameters)),
    ...(subscribe && { subscribe: count((listener: () => void) => subscribe.call(store, listener)) }),
  }
}

async function start({ issuer, resource, keys, redis, tokens, rate }: Start): Promise<Revocations> {
  const client = createClient({ url: redis, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  const revoked = revocation({ store: counted(revocationStore(client)) })
  const { protect, server } = resourceServer({
    resource,
    issuer: { issuer, keys },
    stores: { secret: 's'.repeat(32) },
    revocation: revoked,
  })
  await server.ready()
  const guard = protect()
  const listener = createServer((request, response) =>
    requests.run(true, async () => {
      if (await guard(request, response)) response.end()
    }),
  )
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const { port } = listener.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const users = Object.entries(tokens)
  let next = 0
  let at = performance.now()
  // Catches up when a timer is late, so that the rate is the one that was asked for.
  setInterval(() => {
    for (; at < performance.now(); at += 1000 / rate) {
      const [user, token] = users[next++ % users.length] as [string, string]
      get({ host: '127.0.0.1', port, agent, headers: { authorization: `Bearer ${token}` } }, (response) =>
        record(user, response),
      ).on('error', () => count(user, 'failed'))
    }
  }, 5)
  entries = () => server.state().revocation?.entries ?? 0
  return revoked
}

let entries = () => 0

function count(user: string, outcome: string) {
  const found = responses.get(user) ?? { counts: {}, lastPermitted: 0, firstRefused: undefined, permittedAgain: 0 }
  responses.set(user, found)
  found.counts[outcome] = (found.counts[outcome] ?? 0) + 1
  return found
}

async function record(user: string, response: IncomingMessage): Promise<void> {
  const { statusCode: status } = response
  const now = Date.now()
  if (status === 200) {
    response.resume()
    const found = count(user, '200')
    found.lastPermitted = now
    if (found.firstRefused !== undefined) found.permittedAgain++
    return
  }
  const { reason } = (await json(response)) as { reason?: string }
  count(user, `${status} ${reason}`).firstRefused ??= now
}

let revoked: Revocations | undefined

process.on('message', async (message: Start | Command) => {
  if (!('do' in message)) {
    revoked = await start(message)
    send({ type: 'ready' })
  } else if (message.do === 'revoke') {
    const at = Date.now()
    const problem = await revoked?.revoke({ sub: message.sub }).then(() => undefined, String)
    send({ type: 'revoked', at, problem })
  } else {
    send({
      type: 'report',
      responses: Object.fromEntries(responses),
      storeCalls: calls.all,
      storeCallsOfRequests: calls.ofRequests,
      entries: entries(),
    })
  }
})
