import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { createLog } from '../support/upstream/requests.ts'
import { API, expectAccepted, expectInvalid, expectUnavailable, startApis } from './oidc-provider-api.ts'
import { signedResponse, signIn, startProvider, tokenOf } from './oidc-provider-clients.ts'

// RFC 9701: a signed response cannot be forged between the two servers.

let provider: OidcProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.stop())

describe("signed introspection responses, with signed: 'require' (I8, RFC 9701 §5)", () => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await startApis(provider, { introspection: { signed: 'require' } })
  })
  afterAll(() => closeAll(apps))

  it('are read like plain ones', async () => {
    expect(await expectAccepted(apps, await tokenOf(provider, 'robot'))).toMatchObject({
      subject: null,
      client: 'robot',
      scopes: ['read:orders'],
      issuer: provider.issuer,
    })
    const { accessToken } = await signIn(provider)
    expect(await expectAccepted(apps, accessToken)).toMatchObject({ subject: 'alice', client: 'web' })
  })

  it('may be inactive as well', async () => {
    await expectInvalid(apps, 'of-no-authorization-server', 'inactive')
    await expectInvalid(apps, (await signIn(provider)).refreshToken, 'missing_claim')
  })

  it('are cached', async () => {
    const token = await tokenOf(provider, 'robot')
    await expectAccepted(apps, token)
    const before = provider.introspections()
    await expectAccepted(apps, token)
    expect(provider.introspections()).toBe(before)
  })

  it("are not access tokens, though they are JWTs with the issuer's signature (RFC 9701 §8.1)", async () => {
    const response = await signedResponse(provider, await tokenOf(provider, 'robot'))
    const lenient = await startApis(provider, { issuer: { audience: [RESOURCE, API.clientId] } })
    try {
      await expectInvalid([...apps, ...lenient], response, 'token_type')
    } finally {
      await closeAll(lenient)
    }
  })

  it('work with JWT access tokens of the same issuer and the same keys', async () => {
    await expectAccepted(apps, await tokenOf(provider, 'jwt-robot'))
  })
})

describe('plain introspection responses', () => {
  let plain: OidcProvider
  beforeAll(async () => {
    plain = await startProvider({ signsResponses: false })
  })
  afterAll(() => plain.stop())

  it("are refused with signed: 'require': anyone who can change a response could remove the signature", async () => {
    const log = createLog()
    const apps = await startApis(plain, { introspection: { signed: 'require' }, log })
    try {
      await expectUnavailable(apps, await tokenOf(plain, 'robot'))
      expect(log.of('fetch').filter(({ outcome }) => outcome === 'failed')).toEqual(
        apps.map(() => expect.objectContaining({ target: 'introspection', status: 200, code: 'content_type' })),
      )
    } finally {
      await closeAll(apps)
    }
  })

  it('are requested and accepted without the signed option', async () => {
    const apps = await startApis(provider)
    try {
      await expectAccepted(apps, await tokenOf(provider, 'robot'))
    } finally {
      await closeAll(apps)
    }
  })
})
