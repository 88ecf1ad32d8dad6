import { resourceServer } from 'bearward/express'
import express from 'express'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer()
})
afterAll(() => issuer.stop())

describe('the program of the README', () => {
  const start = () => {
    const { requireScope, accessToken, metadata } = resourceServer({ resource: RESOURCE, issuer: issuer.url })
    const app = express()
      .use(metadata())
      .get('/orders', requireScope('read:orders'), (req, res) => {
        res.json({ orders: [], for: accessToken(req).subject })
      })
    return supertest(app)
  }

  it('responds with the orders of the subject', async () => {
    const token = await issuer.sign({ sub: 'alice' })
    const response = await start().get('/orders').auth(token, { type: 'bearer' }).expect(200)
    expect(response.body).toEqual({ orders: [], for: 'alice' })
  })

  it('serves the document that its challenges point to (A8)', async () => {
    const challenge = (await start().get('/orders').expect(401)).headers['www-authenticate'] ?? ''
    const url = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? ''
    const { body } = await start().get(new URL(url).pathname).expect(200)
    expect(body).toMatchObject({ resource: RESOURCE, authorization_servers: [issuer.url] })
  })

  it('refuses an expired token as the README shows (RFC 6750 §3.1)', async () => {
    const token = await issuer.sign({ exp: 1 })
    await start()
      .get('/orders')
      .auth(token, { type: 'bearer' })
      .expect(401)
      .expect(
        'WWW-Authenticate',
        'Bearer realm="https://api.example.com", error="invalid_token", error_description="The access token has expired", ' +
          'scope="read:orders", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"',
      )
      .expect('Cache-Control', 'no-store')
      .expect({ error: 'invalid_token', error_description: 'The access token has expired', reason: 'expired' })
  })
})
