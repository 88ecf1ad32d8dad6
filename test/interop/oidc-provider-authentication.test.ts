import type { ClientAuthentication } from 'bearward'
import { exportJWK } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { CERTIFICATE_HEADER } from '../support/oidc-provider/oidc-provider.ts'
import { selfSigned } from '../support/tls/untrusted-server.ts'
import { createLog } from '../support/upstream/requests.ts'
import { API, type ApiOptions, expectAccepted, expectUnavailable, startApis } from './oidc-provider-api.ts'
import { derOf, SECRET, startProvider, tokenOf } from './oidc-provider-clients.ts'

// Client authentication (RFC 7662 §2.1): each method that oidc-provider supports.

let provider: Awaited<ReturnType<typeof startProvider>>
let apps: readonly App[] = []
beforeAll(async () => {
  provider = await startProvider()
})
afterEach(async () => {
  await closeAll(apps)
  apps = []
})
afterAll(() => provider.stop())

async function start(client: ClientAuthentication, more: ApiOptions = {}): Promise<void> {
  apps = await startApis(provider, { ...more, introspection: { client } })
}

/** A fetch with a client certificate, as seen by a server behind a proxy. */
const withCertificate =
  (certificate: string): typeof fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set(CERTIFICATE_HEADER, certificate)
    return fetch(input, { ...init, headers })
  }

describe('our API authenticates with', () => {
  it('its secret in the Authorization header, form-encoded first (RFC 6749 §2.3.1)', async () => {
    await start(API)
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
  })

  it('its secret in the body (RFC 6749 §2.3.1)', async () => {
    await start({ method: 'client_secret_post', clientId: 'api-post', clientSecret: SECRET })
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
  })

  it('an assertion, signed with a CryptoKey; each is used once (RFC 7523 §2.2, §3)', async () => {
    await start({ method: 'private_key_jwt', clientId: 'api-assertion', key: provider.assertionKey })
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
  })

  it('an assertion, signed with a JWK', async () => {
    const key = { ...(await exportJWK(provider.assertionKey)), kid: 'assertions' }
    await start({ method: 'private_key_jwt', clientId: 'api-assertion', key, algorithm: 'ES256' })
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
  })

  it('its TLS certificate, which its own fetch sends (RFC 8705 §2.1)', async () => {
    const client = { method: 'none', clientId: 'api-tls' } as const
    await start(client, { fetch: withCertificate(derOf(selfSigned('api'))) })
    await expectAccepted(apps, await tokenOf(provider, 'robot'))
  })
})

describe("our own wrong credentials are not the caller's fault (RFC 7662 §2.3)", () => {
  const WRONG: Readonly<Record<string, { client: ClientAuthentication; status: number; fetch?: typeof fetch }>> = {
    'a wrong secret': { client: { ...API, clientSecret: 'WRONG-SECRET' }, status: 401 },
    'a wrong secret in the body': {
      client: { method: 'client_secret_post', clientId: 'api-post', clientSecret: 'WRONG-SECRET' },
      status: 401,
    },
    'an unknown client': { client: { ...API, clientId: 'unknown-client' }, status: 401 },
    'a method that is not the registered one': { client: { method: 'none', clientId: 'orders-api' }, status: 401 },
    'another certificate': {
      client: { method: 'none', clientId: 'api-tls' },
      fetch: withCertificate(derOf(selfSigned('stranger'))),
      status: 401,
    },
    'a bearer token, which this server does not accept here': {
      client: { method: 'bearer', token: 'WRONG-SECRET' },
      status: 400,
    },
  }

  it.each(Object.entries(WRONG))('%s', async (_, { client, status, fetch }) => {
    const log = createLog()
    await start(client, { log, ...(fetch && { fetch }) })
    const token = await tokenOf(provider, 'robot')
    // As many as the breaker allows.
    for (let round = 0; round < 5; round++) await expectUnavailable(apps, token)
    const calls = log.of('fetch').filter(({ target }) => target === 'introspection')
    expect(calls).toHaveLength(5 * apps.length)
    for (const event of calls) expect(event).toMatchObject({ outcome: 'failed', code: 'client_refused', status })
    // After rejected credentials, the server is not called for a while. Other errors may be caused by one request.
    expect(log.of('breaker').map(({ state }) => state)).toEqual(status === 401 ? apps.map(() => 'open') : [])
    expect(JSON.stringify(log.events)).not.toContain('WRONG-SECRET')
  })
})
