import { Readable } from 'node:stream'
import { createResourceServer } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const body = '{"keys":[]}'

// As the clients that people put in place of `fetch` respond.
describe('an option fetch that returns no web Response: 503, and the state says so', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['the text of the body', body],
    ['what axios returns', { status: 200, headers: { 'content-type': 'application/json' }, data: JSON.parse(body) }],
    ['what node-fetch returns', { status: 200, headers: new Headers(), body: Readable.from([body]) }],
  ])('%s', async (_, response) => {
    const fetch = () => Promise.resolve(response as Response)
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, fetch })
    expect(await send(server, await issuer.sign())).toMatchObject({ status: 503 })
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject({
      code: 'network',
      message: expect.stringContaining('fetch must return a web Response'),
    })
  })

  it('a web Response without a body is one', async () => {
    const fetch = () => Promise.resolve(new Response(null, { headers: { 'content-type': 'application/json' } }))
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, fetch })
    expect(await send(server, await issuer.sign())).toMatchObject({ status: 503 })
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject({ code: 'json' })
  })
})
