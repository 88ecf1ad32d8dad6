import { createResourceServer } from 'bearward'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { send } from '../support/upstream/requests.ts'
import { revoke, SECRET, signIn, startProvider } from './oidc-provider-clients.ts'

let provider: OidcProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.stop())

it('forget() by function is not undone by the shared store', async () => {
  const client = { method: 'client_secret_basic', clientId: 'orders-api', clientSecret: SECRET } as const
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: provider.issuer, introspection: { client } },
    stores: { introspection: new Map<string, string>(), secret: 'a secret that all processes have'.padEnd(43, '.') },
  })
  const { accessToken } = await signIn(provider)
  expect((await send(server, accessToken)).status).toBe(200)
  await revoke(provider, 'web', accessToken)
  await server.forget(({ subject }) => subject === 'alice')
  expect((await send(server, accessToken)).status).toBe(401)
})
