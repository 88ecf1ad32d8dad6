import { deflateSync } from 'node:zlib'
import { statusList } from 'bearward/status-list'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createUpstreamServer, notFound, type UpstreamServer } from '../support/upstream/server.ts'
import { ORDERS } from './orders-api.ts'

// Token Status Lists as a caller sees them, on every adapter (N4).

let auth: TestIssuer
let lists: UpstreamServer
let apps: readonly App[]

beforeAll(async () => {
  auth = await createTestIssuer()
  lists = await createUpstreamServer()
  const uri = `${lists.url}/1`
  const lst = deflateSync(Uint8Array.of(0b1110)).toString('base64url')
  const token = await auth.sign({ sub: uri, aud: undefined, status_list: { bits: 1, lst } }, { typ: 'statuslist+jwt' })
  lists.respond = (request, response) => {
    if (request.url !== '/1') return notFound(request, response)
    response.writeHead(200, { 'content-type': 'application/statuslist+jwt' }).end(token)
  }
  apps = await startAll(
    { resource: RESOURCE, issuer: { issuer: auth.url, statusList: statusList({ origins: [lists.url] }) } },
    ORDERS,
  )
})
afterAll(async () => {
  await closeAll(apps)
  await Promise.all([auth.stop(), lists.stop()])
})

const tokenAt = async (idx: number, path = '/1') =>
  bearer(await auth.sign({ status: { status_list: { idx, uri: lists.url + path } } }))

it('a token whose status is 0 is served, cached or not', async () => {
  const lines = await tokenAt(0)
  for (let round = 0; round < 3; round++) await expectReached(apps, { lines })
})

it('any other status, and an index out of range, is 401', async () => {
  for (const lines of [await tokenAt(1), await tokenAt(8)]) {
    const { status, all, header, body } = await responseOfAll(apps, { lines })
    expect([status, all('WWW-Authenticate'), header('Cache-Control')]).toEqual([
      401,
      [
        'Bearer realm="https://api.example.com", error="invalid_token", ' +
          'error_description="The access token is not valid according to its status list", scope="read:orders", ' +
          'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"',
      ],
      'no-store',
    ])
    expect(JSON.parse(body)).toEqual({
      error: 'invalid_token',
      error_description: 'The access token is not valid according to its status list',
      reason: 'status',
    })
  }
})

it('a list that cannot be loaded is 503 without a challenge (A5)', async () => {
  const { status, all, header, body } = await responseOfAll(apps, { lines: await tokenAt(0, '/2') })
  expect([status, all('WWW-Authenticate'), header('Cache-Control')]).toEqual([503, [], 'no-store'])
  expect(Number(header('Retry-After'))).toBeGreaterThan(0)
  expect(JSON.parse(body)).toMatchObject({ reason: 'status_unavailable' })
  expect(body).not.toContain(lists.url)
})
