import { once } from 'node:events'
import { connect, createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as honoServer } from 'bearward/hono'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { type Certificate, createCertificate, WRITTEN } from '../support/tls/certificates.ts'
import { createTlsServing } from '../support/tls/tls.ts'

// Over HTTP/2 the socket of a request is a proxy for the socket of the session.

const kit = createKit()
const client = createCertificate('client')
const other = createCertificate('other')
const bound = kit.token({ claims: kit.claims({ cnf: { 'x5t#S256': client.thumbprint } }) })

let proxy: string | undefined
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
  mtls: { proxy: { isTrusted: ({ address }: { address: string | undefined }) => address === proxy } },
}

interface Running {
  readonly name: string
  readonly port: number
  close(): Promise<unknown>
}

const running: Running[] = []

beforeAll(async () => {
  const app = fastify({ http2: true, https: { ...createTlsServing() } })
  app.get('/orders', { onRequest: fastifyServer(options).protect() as never }, () => ({ reached: true }))
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  running.push({ name: 'Fastify', port: Number(url.port), close: () => app.close() })

  const hono = new Hono().get('/orders', honoServer(options).protect(), (context) => context.json({ reached: true }))
  const http = createSecureServer({ ...createTlsServing() }, getRequestListener(hono.fetch) as never)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const close = () => new Promise((resolve) => http.close(resolve))
  running.push({ name: 'Hono', port: (http.address() as AddressInfo).port, close })
})

afterAll(() => Promise.all(running.map((one) => one.close())))

async function send(port: number, certificate?: Certificate, headers: Record<string, string | string[]> = {}) {
  const session = connect(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    ...(certificate && { key: certificate.key, cert: certificate.cert }),
  })
  try {
    const stream = session.request({ ':path': '/orders', authorization: `Bearer ${bound}`, ...headers })
    let body = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    await once(stream, 'end')
    return JSON.parse(body) as { reached?: boolean; reason?: string }
  } finally {
    session.destroy()
  }
}

describe('a certificate-bound token over HTTP/2 (RFC 8705 §3, RFC 9113)', () => {
  it('is accepted over a connection with its certificate, and over no other', async () => {
    proxy = undefined
    for (const { name, port } of running) {
      const responses = [await send(port, client), await send(port, other), await send(port)]
      expect(
        responses.map(({ reached, reason }) => reached ?? reason),
        name,
      ).toEqual([true, 'confirmation', 'confirmation'])
    }
  })

  it('is accepted with exactly one header from a trusted proxy, and from no other peer', async () => {
    const header = WRITTEN.rfc9440(client)
    for (const { name, port } of running) {
      proxy = '127.0.0.1'
      const trusted = [
        await send(port, undefined, { 'client-cert': header }),
        await send(port, undefined, { 'client-cert': [header, WRITTEN.rfc9440(other)] }),
        await send(port, undefined, { 'client-cert': [header, header] }),
        await send(port, client),
      ]
      proxy = '10.0.0.1'
      const distrusted = await send(port, other, { 'client-cert': header })
      expect(
        [...trusted, distrusted].map(({ reached, reason }) => reached ?? reason),
        name,
      ).toEqual([true, 'confirmation', 'confirmation', 'confirmation', 'confirmation'])
    }
  })
})
