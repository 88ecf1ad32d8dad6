// socket.io: a client sends its token with the handshake, and is disconnected when the token ends.
//
//   ISSUER=https://auth.example.com RESOURCE=https://api.example.com PORT=3000 node socket-io.js
//
// The client: io('http://localhost:3000', { auth: { token } }). Not in the query: URLs are logged.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccessToken, BearwardError, createResourceServer, type JwtClaims } from 'bearward'
import { Server } from 'socket.io'
import { address, issuer, resource } from './settings.ts'

const server = createResourceServer({ resource, issuer })

interface Events {
  orders(respond: (orders: { readonly orders: readonly unknown[]; readonly for: string | undefined }) => void): void
}

const listener = createServer()
const io = new Server<Events, Record<string, never>, Record<string, never>, { token: AccessToken<JwtClaims> }>(listener)

/** What a client learns about its refusal, in `error.data` of its `connect_error`. */
const refusal = (reason: string) => Object.assign(new Error('refused'), { data: { reason } })

io.use(async (socket, next) => {
  const { token } = socket.handshake.auth as { readonly token?: unknown }
  if (typeof token !== 'string') return next(refusal('no_credentials'))
  try {
    const verified = await server.verify(token)
    if (!verified.hasScope('read:orders')) return next(refusal('scope'))
    socket.data.token = verified
    next()
  } catch (error) {
    next(refusal(error instanceof BearwardError ? error.reason : 'unavailable'))
  }
})

io.on('connection', (socket) => {
  const watch = server.watch(socket.data.token, () => socket.disconnect(true))
  socket.on('disconnect', () => watch.stop())
  socket.on('orders', (respond) => {
    if (typeof respond === 'function') respond({ orders: [], for: socket.data.token.subject })
  })
})

listener.listen(address.port, address.hostname, () => {
  console.log(`socket.io at http://localhost:${(listener.address() as AddressInfo).port}/`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    io.close()
  })
}
