import { resourceServer } from 'bearward/express'
import express from 'express'
import { afterEach, expect, it } from 'vitest'
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
