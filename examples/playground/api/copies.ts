import type { ClientCertificate } from 'bearward/testing'
import { startExpress } from '../../demo/api-express.ts'
import { startFastify } from '../../demo/api-fastify.ts'
import { startHono } from '../../demo/api-hono.ts'
import { type OrdersApi, type Protection, RESOURCE } from '../../demo/orders.ts'
import { listenSecurely } from '../tls/listen-securely.ts'

/** The public origin of the API. */
export const PUBLIC_ORIGIN = RESOURCE

export const PUBLIC_HOST = new URL(PUBLIC_ORIGIN).host

/** A copy of the API with two sockets: plain HTTP, as behind a TLS proxy, and TLS. */
export interface ApiCopy extends OrdersApi {
  readonly secureUrl: string
  /** The API's certificate in PEM, which its clients trust. */
  readonly certificate: string
}

/** @param closing receives the close function of each copy as soon as it runs */
export async function startCopies(
  protection: Protection,
  certificate: ClientCertificate,
  closing: (() => Promise<void>)[],
): Promise<readonly ApiCopy[]> {
  const copies: ApiCopy[] = []
  for (const start of [startExpress, startFastify, startHono]) {
    const api = await start(protection)
    closing.push(api.close)
    const { port, close } = await listenSecurely(certificate, () => PUBLIC_HOST, api.listener)
    closing.push(close)
    copies.push({ ...api, secureUrl: `https://127.0.0.1:${port}`, certificate: certificate.cert })
  }
  await Promise.all(copies.map(({ server }) => server.ready()))
  return copies
}
