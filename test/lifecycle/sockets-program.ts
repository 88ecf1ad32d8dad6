import { createHook } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { JsonWebKeySet } from 'bearward'
import { resourceServer } from 'bearward/node'
import { revocation } from 'bearward/revocation'
import { WebSocketServer } from 'ws'

/** The arguments of the process. */
export interface Start {
  readonly issuer: string
  readonly resource: string
  readonly keys: JsonWebKeySet
}

/** How the sockets end: `clients` leaves that to the clients. */
export type End = 'clients' | 'revoke' | 'close'

/** Its state when it is told how the sockets end, and its last line. */
export interface Report {
  readonly port: number
  /** The sockets that are open. */
  readonly open: number
  /** How watches have ended. */
  readonly ends: Readonly<Record<string, number>>
  /** Timers that are not over, including those that keep no process alive. */
  readonly timers: number
}

// A flag of Node's timers that has no type.
const timers: { readonly _destroyed?: boolean }[] = []
createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'Timeout') timers.push(resource)
  },
}).enable()

const { issuer, resource, keys } = JSON.parse(process.argv[2] ?? '') as Start
const revoked = revocation()
const { upgrade, server } = resourceServer({ resource, issuer: { issuer, keys }, revocation: revoked })
const sockets = new WebSocketServer({ noServer: true })
const ends: Record<string, number> = {}

const listener = createServer().on('upgrade', async (req, socket, head) => {
  const token = await upgrade(req, socket)
  if (!token) return
  sockets.handleUpgrade(req, socket, head, (client) => {
    const watch = server.watch(token, (why) => {
      ends[why] = (ends[why] ?? 0) + 1
      client.close(4401, why)
    })
    client.on('close', () => watch.stop())
  })
})

function report(): void {
  const { port } = (listener.address() ?? { port: 0 }) as AddressInfo
  const open = sockets.clients.size
  console.log(
    JSON.stringify({ port, open, ends, timers: timers.filter(({ _destroyed }) => _destroyed !== true).length }),
  )
}

await once(listener.listen(0, '127.0.0.1'), 'listening')
const commands = createInterface({ input: process.stdin })
commands.once('line', () => {
  report()
  commands.once('line', async (line) => {
    // From here on, only the sockets keep the process alive.
    commands.close()
    process.stdin.destroy()
    report()
    listener.close()
    const end = JSON.parse(line) as End
    if (end === 'revoke') await revoked.revoke({ sub: 'user-1' })
    if (end === 'close') server.close()
  })
})
process.once('exit', report)
console.log('ready')
