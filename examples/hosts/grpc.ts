// gRPC with @grpc/grpc-js: an interceptor authenticates each call before its message is read.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node grpc.js
//
// It listens without TLS, for a proxy on the same machine. Elsewhere: ServerCredentials.createSsl().

import type { JsonObject } from '@bufbuild/protobuf'
import type { Empty } from '@bufbuild/protobuf/wkt'
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { BearwardError, createResourceServer, type Guards, scope } from 'bearward'
import { Orders } from './grpc-service.ts'
import { address, issuer, resource } from './settings.ts'

const server = createResourceServer({ resource, issuer, scopes: ['read:orders', 'watch:orders'] })

/** What each method needs. A method that is not here is refused. */
const guards: Readonly<Record<string, Guards>> = {
  [Orders.list.path]: server.guards(scope('read:orders')),
  [Orders.watch.path]: server.guards(scope('watch:orders')),
}

type Token = Awaited<ReturnType<typeof server.authenticate>>

/** By the metadata of a call, which handlers get as well. */
const tokens = new WeakMap<Metadata, Token>()

function tokenOf({ metadata }: { readonly metadata: Metadata }): Token {
  const token = tokens.get(metadata)
  if (!token) throw new Error('the interceptor has not permitted this call')
  return token
}

const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  503: status.UNAVAILABLE,
}

/** The headers of a refusal that mean something to a client of gRPC. */
const HEADERS = ['WWW-Authenticate', 'Retry-After', 'DPoP-Nonce']

function statusOf(error: unknown): StatusObject {
  const metadata = new Metadata()
  if (!(error instanceof BearwardError)) return { code: status.INTERNAL, details: '', metadata }
  for (const name of HEADERS) {
    const value = error.headers[name]
    if (value !== undefined) metadata.set(name, value)
  }
  return { code: CODES[error.status] ?? status.INTERNAL, details: error.description, metadata }
}

function authenticate(path: string, metadata: Metadata, needed: Guards): Promise<Token> {
  const lines = (name: string) => metadata.get(name).map(String)
  return server.authenticate(
    {
      native: metadata,
      method: 'POST',
      target: path,
      authorization: lines('authorization'), // all values: more than one is refused
      contentType: undefined,
      headers: lines, // for a DPoP proof
    },
    needed,
  )
}

// A call that has ended meanwhile, by its deadline or its client, does not reach the handler.
const authenticated: ServerInterceptor = ({ path }, call) => {
  const listener = new ServerListenerBuilder().withOnReceiveMetadata((metadata, proceed) => {
    const needed = guards[path]
    if (!needed) return call.sendStatus({ code: status.PERMISSION_DENIED, details: 'no one may call this method' })
    authenticate(path, metadata, needed).then(
      (token) => {
        tokens.set(metadata, token)
        proceed(metadata)
      },
      (error: unknown) => call.sendStatus(statusOf(error)),
    )
  })
  return new ServerInterceptingCall(call, { start: (next) => next(listener.build()) })
}

const list: handleUnaryCall<Empty, JsonObject> = (call, respond) =>
  respond(null, { orders: [], for: tokenOf(call).subject ?? 'client' })

/** A number each second, until the deadline, the client or the token ends the call, or after an hour. */
const watch: handleServerStreamingCall<Empty, JsonObject> = (call) => {
  const watched = server.watch(tokenOf(call), (why) => end(status.UNAUTHENTICATED, `the token is ${why}`))
  const longest = setTimeout(() => end(status.DEADLINE_EXCEEDED, 'an hour is over'), 3_600_000)
  let count = 0
  // Not faster than the client reads: what it has not taken yet is kept in memory.
  const send = () => !call.writableNeedDrain && call.write({ order: count++ })
  const timer = setInterval(send, 1000)

  function stop(): void {
    watched.stop()
    clearTimeout(longest)
    clearInterval(timer)
  }
  function end(code: status, details: string): void {
    stop()
    call.emit('error', { code, details })
  }
  call.on('cancelled', stop) // by its deadline as well
  send()
}

const rpc = new Server({
  interceptors: [authenticated],
  'grpc.max_receive_message_length': 64 * 1024,
  'grpc.max_concurrent_streams': 100,
  // A client that is gone without a word keeps no stream open.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
})
rpc.addService(Orders, { list, watch, drop: list })
rpc.bindAsync(`${address.hostname}:${address.port}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(`gRPC at http://localhost:${port}/`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close() // ends the streams
    rpc.tryShutdown(() => undefined)
  })
}
