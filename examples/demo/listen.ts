import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const HOST = '127.0.0.1'

/** Listens on loopback. Port 0 picks a free port. */
export function listen(server: Server, port = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve(urlOf(server))
    })
  })
}

export const urlOf = (server: Server): string => `http://${HOST}:${(server.address() as AddressInfo).port}`

/** Closes open connections as well: keep-alive must not delay the end. */
export function hangUp(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
