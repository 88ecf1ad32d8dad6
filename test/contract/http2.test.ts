import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { resourceServer as fastifyServer } from 'bearward/fastify'
import { resourceServer as honoServer } from 'bearward/hono'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const good = kit.token()
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
}

/** A frame of HTTP/2 (RFC 9113 §4.1). */
const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header without indexing and without Huffman codes (RFC 7541 §6.2.2). */
const encodeHeader = ([name, value]: readonly [string, string]): Buffer =>
  Buffer.concat([Buffer.from([0]), text(name), text(value)])

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let rest = bytes.length - 127
  while (rest >= 128) {
    length.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

/** Sends headers that HTTP clients would not send, and returns the body from the DATA frames. */
function request(port: number, headerList: readonly (readonly [string, string])[]): Promise<string> {
  const pseudo = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/orders'],
    [':authority', 'api.example.com'],
  ] as const
  const headers = Buffer.concat([...pseudo, ...headerList].map(encodeHeader))
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(1, 0x5, 1, headers)]))
    })
    let received = Buffer.alloc(0)
    let body = ''
    socket.on('error', reject)
    socket.on('close', () => resolve(body))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
        const [length, type, flags] = [received.readUIntBE(0, 3), received.readUInt8(3), received.readUInt8(4)]
        if (type === 0) body += received.subarray(9, 9 + length).toString()
        if ((type === 0 && flags & 1) || type === 3 || type === 7) socket.destroy()
        received = received.subarray(9 + length)
      }
    })
  })
}

interface Running {
  readonly name: string
  readonly port: number
  close(): Promise<unknown>
}

const running: Running[] = []

beforeAll(async () => {
  const bound = fastifyServer(options)
  const app = fastify({ http2: true })
  app.get('/orders', { onRequest: bound.protect() as never }, () => ({ reached: true }))
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  running.push({ name: 'Fastify', port: Number(url.port), close: () => app.close() })

  const hono = new Hono().get('/orders', honoServer(options).protect(), (context) => context.json({ reached: true }))
  const http = createServer(getRequestListener(hono.fetch) as never)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => http.close(resolve))
  running.push({ name: 'Hono', port: (http.address() as AddressInfo).port, close })
})

afterAll(() => Promise.all(running.map((one) => one.close())))

const send = async (headerList: readonly (readonly [string, string])[]) =>
  Promise.all(
    running.map(async ({ name, port }) => [name, JSON.parse(await request(port, headerList)) as object] as const),
  )

describe('over HTTP/2 (RFC 9113)', () => {
  it('one authorization header is read as over HTTP/1.1', async () => {
    for (const [name, response] of await send([['authorization', `Bearer ${good}`]])) {
      expect([name, response]).toEqual([name, { reached: true }])
    }
  })

  it('two authorization headers are refused (RFC 6750 §2)', async () => {
    const twice = [`Bearer ${good}`, 'Bearer a.b.c'].map((value) => ['authorization', value] as const)
    for (const headerList of [twice, [...twice].reverse(), [twice[0], twice[0]] as typeof twice]) {
      for (const [name, response] of await send(headerList)) {
        expect([name, response]).toMatchObject([name, { error: 'invalid_request', reason: 'several_credentials' }])
      }
    }
  })
})
