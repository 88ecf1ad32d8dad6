import { revocation } from 'bearward/revocation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  CLIENT,
  createIntrospectingIssuer,
  type IntrospectingIssuer,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

// Revocations as a caller sees them, on every adapter (N3).

const revoked = revocation()
let auth: IntrospectingIssuer
let apps: readonly App[]

beforeAll(async () => {
  auth = await createIntrospectingIssuer()
  const introspection = { endpoint: auth.endpoint.url, client: CLIENT, deadline: 5 }
  apps = await startAll(
    { resource: RESOURCE, issuer: { issuer: auth.issuer.url, introspection }, revocation: revoked },
    ORDERS,
  )
})
afterAll(async () => {
  await closeAll(apps)
  await auth.stop()
})

const CHALLENGE =
  'Bearer realm="https://api.example.com", error="invalid_token", error_description="The access token has been revoked", ' +
  'scope="read:orders", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"'

describe.each(['jwt', 'opaque'] as const)('a revoked token (%s)', (format) => {
  const tokenOf = async (sub: string) =>
    format === 'jwt' ? auth.issuer.sign({ sub, scope: 'read:orders' }) : auth.opaque({ sub, scope: 'read:orders' })

  it('is 401 with the next request, cached or not, and others are served', async () => {
    const [token, other, never] = [
      bearer(await tokenOf(`alice-${format}`)),
      bearer(await tokenOf(`bob-${format}`)),
      bearer(await tokenOf(`alice-${format}`)),
    ]
    for (let round = 0; round < 3; round++) {
      await expectReached(apps, { lines: token })
      await expectReached(apps, { lines: other })
    }
    const entry = await revoked.revoke({ sub: `alice-${format}` })
    for (const lines of [token, token, never]) {
      const { status, all, header, body } = await responseOfAll(apps, { lines })
      expect([status, all('WWW-Authenticate'), header('Cache-Control')]).toEqual([401, [CHALLENGE], 'no-store'])
      expect(JSON.parse(body)).toEqual({
        error: 'invalid_token',
        error_description: 'The access token has been revoked',
        reason: 'revoked',
      })
      await expectReached(apps, { lines: other })
    }
    // Anonymous routes refuse it as well: the caller must learn of it.
    expect((await responseOfAll(apps, { target: '/open', lines: token })).status).toBe(401)
    await revoked.restore(entry)
    await expectReached(apps, { lines: token })
  })
})

it('a JWT that would outlive its revocation is 401, and the response does not name the option (N3.1)', async () => {
  const now = Math.floor(Date.now() / 1000)
  const token = await auth.issuer.sign({ scope: 'read:orders', exp: now + 90_000, iat: now })
  const { status, lines, body } = await responseOfAll(apps, { lines: bearer(token) })
  expect([status, JSON.parse(body)]).toMatchObject([401, { reason: 'lifetime' }])
  expect(JSON.stringify([lines, body])).not.toContain('maxLifetime')
})
