import { customFetch, DPoP, type DPoPHandle, generateKeyPair, protectedResourceRequest } from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Reached } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { responseOfAll } from '../support/apps/expect-response.ts'
import { seesCertificates } from '../support/apps/runtime.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { type Certificate, createCertificate } from '../support/tls/certificates.ts'
import { createTlsServing, overTls } from '../support/tls/tls.ts'
import { expectInvalid, startApis } from './oidc-provider-api.ts'
import { derOf, startProvider, tokenOf } from './oidc-provider-clients.ts'

// D6: tokens that a real authorization server has bound, in JWTs and in introspection responses.

let provider: OidcProvider
/** APIs that accept both bindings, in the clear and over TLS; and one without bindings. */
let apps: readonly App[]
let secure: readonly App[]
let old: readonly App[]
beforeAll(async () => {
  provider = await startProvider()
  const server = { dpop: 'accept', mtls: 'accept' } as const
  apps = await startApis(provider, { server })
  secure = await startApis(provider, { server, tls: createTlsServing() })
  old = await startApis(provider)
})
afterAll(async () => {
  await closeAll([...apps, ...secure, ...old])
  await provider.stop()
})

const reasonOf = (body: string): unknown => (JSON.parse(body) as { reason?: unknown }).reason

describe.each([
  ['an opaque token', 'robot'],
  ['a JWT', 'jwt-robot'],
])('%s bound to a key, by DPoP (RFC 9449 §6)', (_, clientId) => {
  let handle: DPoPHandle
  let token: string
  beforeAll(async () => {
    handle = DPoP({}, await generateKeyPair('ES256'))
    token = await tokenOf(provider, clientId, { DPoP: handle })
  })

  const ask = (app: App, by: DPoPHandle, target = '/orders') =>
    protectedResourceRequest(token, 'GET', new URL(RESOURCE + target), undefined, undefined, {
      DPoP: by,
      // The socket behind the public URL, where a proxy terminates TLS.
      [customFetch]: (url, init) =>
        fetch(`http://127.0.0.1:${app.port}${url.slice(RESOURCE.length)}`, init as RequestInit),
    })

  it('is accepted with a proof, the first time and from the cache', async () => {
    for (const app of apps) {
      for (let round = 0; round < 3; round++) {
        const response = await ask(app, handle)
        expect(response.status, app.name).toBe(200)
        expect(((await response.json()) as Reached).boundBy).toBe('dpop')
      }
    }
  })

  it('is refused with a proof of another key', async () => {
    const thief = DPoP({}, await generateKeyPair('ES256'))
    for (const app of apps) {
      const refused = await ask(app, thief).catch((error: unknown) => error)
      expect(refused, app.name).toMatchObject({ status: 401, cause: [{ parameters: { error: 'invalid_token' } }] })
    }
  })

  it('is refused as a bearer token, the first time and from the cache (RFC 9449 §7.2)', async () => {
    for (let round = 0; round < 3; round++) {
      const { status, body } = await responseOfAll(apps, { lines: bearer(token) })
      expect([status, reasonOf(body)]).toEqual([401, 'confirmation'])
    }
  })

  it('is refused by an API without bindings (RFC 7800 §3.1)', async () => {
    for (let round = 0; round < 3; round++) await expectInvalid(old, token, 'confirmation')
  })
})

describe.each([
  ['an opaque token', 'bound-robot'],
  ['a JWT', 'bound-jwt-robot'],
])('%s bound to a certificate (RFC 8705 §3)', (_, clientId) => {
  let certificate: Certificate
  let token: string
  beforeAll(async () => {
    certificate = createCertificate(clientId)
    token = await tokenOf(provider, clientId, { certificate: derOf(certificate) })
  })

  it('is accepted over a connection with that certificate, the first time and from the cache', async (context) => {
    const seeing = secure.filter(seesCertificates)
    if (seeing.length === 0) return context.skip('this runtime does not expose the certificate')
    for (let round = 0; round < 3; round++) {
      const { status, body } = await responseOfAll(seeing, { lines: bearer(token) }, overTls(certificate))
      expect([status, (JSON.parse(body) as Reached).boundBy]).toEqual([200, 'mtls'])
    }
  })

  it('is refused over a connection with another certificate, and with none', async () => {
    for (const connect of [overTls(createCertificate('thief')), overTls()]) {
      const { status, body } = await responseOfAll(secure, { lines: bearer(token) }, connect)
      expect([status, reasonOf(body)]).toEqual([401, 'confirmation'])
    }
  })

  it('is refused by an API without bindings (RFC 7800 §3.1)', async () => {
    for (let round = 0; round < 3; round++) await expectInvalid(old, token, 'confirmation')
  })
})

it('a bound opaque token is introspected once, and again where a route requires it (I5)', async () => {
  const handle = DPoP({}, await generateKeyPair('ES256'))
  const token = await tokenOf(provider, 'robot', { DPoP: handle })
  const before = provider.introspections()
  for (let round = 0; round < 3; round++) await expectInvalid(old, token, 'confirmation')
  expect(provider.introspections() - before).toBe(old.length)
  await expectInvalid(old, token, 'confirmation', '/orders/pay')
  expect(provider.introspections() - before).toBe(2 * old.length)
})
