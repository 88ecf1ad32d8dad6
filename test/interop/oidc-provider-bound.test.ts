import { DPoP, generateKeyPair } from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/app.ts'
import { closeAll } from '../support/apps.ts'
import type { OidcProvider } from '../support/oidc-provider.ts'
import { selfSigned } from '../support/upstream-tls.ts'
import { expectInvalid, startApis } from './oidc-provider-api.ts'
import { derOf, startProvider, tokenOf } from './oidc-provider-clients.ts'

// SPEC J9: a binding is enforced or refused, never ignored. Here it stands in the answer of the introspection.

let provider: OidcProvider
let apps: readonly App[]
beforeAll(async () => {
  provider = await startProvider()
  apps = await startApis(provider)
})
afterAll(async () => {
  await closeAll(apps)
  await provider.stop()
})

const BOUND: Readonly<Record<string, () => Promise<string>>> = {
  'a key, by DPoP (RFC 9449 §6.2)': async () =>
    tokenOf(provider, 'robot', { DPoP: DPoP({}, await generateKeyPair('ES256')) }),
  'a certificate (RFC 8705 §3.2)': () =>
    tokenOf(provider, 'bound-robot', { certificate: derOf(selfSigned('bound-robot')) }),
}

describe.each(Object.entries(BOUND))('an opaque token bound to %s', (_, obtain) => {
  it('is refused as a bearer token, the first time and from the cache (RFC 7800 §3.1)', async () => {
    const token = await obtain()
    const before = provider.introspections()
    for (let round = 0; round < 3; round++) await expectInvalid(apps, token, 'confirmation')
    expect(provider.introspections() - before).toBe(apps.length)
  })

  it('is refused as a bearer token where a fresh verdict is wanted', async () => {
    await expectInvalid(apps, await obtain(), 'confirmation', '/orders/pay')
  })
})
