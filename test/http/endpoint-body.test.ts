import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { resourceServer } from 'bearward/express'
import express from 'express'
import { afterEach, expect, it } from 'vitest'
import { readText } from '../../adapters/internal/node-content.ts'
import { type App, serve } from '../support/apps/app.ts'
import { bodyType } from '../support/http/broken-off.ts'
import { exchange } from '../support/http/raw-client.ts'

let running: App | undefined
afterEach(() => running?.close())

it('an endpoint whose body was read before, and left nowhere, is an error of the application (F11)', async () => {
  const { endpoint, server } = resourceServer({ resource: 'https://api.example.com', issuer: 'https://a.example.com' })
  const errors: unknown[] = []
  const app = express()
    .use((request, _response, next) => void request.resume().on('end', () => next()))
    .use('/logout', endpoint(bodyType))
    .use(((thrown, _request, response, _next) => {
      errors.push(thrown)
      response.status(500).end()
    }) as express.ErrorRequestHandler)
  running = await serve('Express', app, { server: server as never, reached: [] })
  const response = await exchange(running.port, { method: 'POST', target: '/logout', body: 'logout_token=a' })
  expect(response.status).toBe(500)
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('must be mounted before') })])
})

it('a client that leaves in the middle of a body is no error of the application, over HTTP/2 as well (F11)', async () => {
  const http2 = createServer()
  const read = new Promise((resolve, reject) => {
    http2.on('request', (request) => readText(request as never, 100).then(resolve, reject))
  })
  await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`).on('error', () => undefined)
  const stream = session.request({ ':method': 'POST', ':path': '/' }).on('error', () => undefined)
  const arrived = new Promise((resolve) => http2.once('request', resolve))
  stream.write('logout_token=a')
  await arrived
  session.destroy()
  expect(await read).toBeUndefined()
  await new Promise((resolve) => http2.close(resolve))
})
