import * as dpop from 'dpop'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App, Reached } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

// Proofs of third-party clients, sent to our API on every adapter.

const TARGET = '/orders?page=2'

let issuer: TestIssuer
let plain: readonly App[]
let demanding: readonly App[]
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  const options = { resource: RESOURCE, issuer: issuer.url }
  const routes = [{ path: '/orders', use: (to) => [to.requireScope('read:orders')] }] as Parameters<typeof startAll>[1]
  plain = await startAll({ ...options, dpop: 'require' }, routes)
  demanding = await startAll({ ...options, dpop: { mode: 'require', nonce: { secret: 's'.repeat(32) } } }, routes)
})
afterAll(async () => {
  await closeAll([...plain, ...demanding])
  await issuer.stop()
})

/** The socket for the public URL, as behind a proxy that terminates TLS. */
const behind = (app: App, url: string) => `http://127.0.0.1:${app.port}${url.slice(RESOURCE.length)}`

describe.each(['ES256', 'Ed25519', 'RS256', 'PS256'] as const)('dpop, with %s', (algorithm) => {
  it('makes proofs that are accepted on every adapter', async () => {
    const keys = await dpop.generateKeyPair(algorithm)
    const token = await issuer.sign({ cnf: { jkt: await dpop.calculateThumbprint(keys.publicKey) } })
    for (const app of plain) {
      const proof = await dpop.generateProof(keys, `${RESOURCE}/orders`, 'GET', undefined, token)
      const headers = { authorization: `DPoP ${token}`, dpop: proof }
      const response = await fetch(behind(app, RESOURCE + TARGET), { headers })
      expect(response.status, app.name).toBe(200)
      expect(((await response.json()) as Reached).boundBy).toBe('dpop')
    }
  })
})

describe.each(['ES256', 'Ed25519', 'RS256', 'PS256'] as const)('oauth4webapi, with %s', (algorithm) => {
  const request = (app: App, token: string, handle: oauth.DPoPHandle, method = 'GET') =>
    oauth.protectedResourceRequest(token, method, new URL(RESOURCE + TARGET), undefined, undefined, {
      DPoP: handle,
      [oauth.customFetch]: (url, init) => fetch(behind(app, url), init as RequestInit),
    })

  // One key for all tests: generating an RSA key takes longer than everything else.
  let own: oauth.CryptoKeyPair
  beforeAll(async () => {
    own = await oauth.generateKeyPair(algorithm)
  })

  /** A client without a nonce, and a token for it. */
  async function prepare(keys = own) {
    const handle = oauth.DPoP({}, keys)
    return { handle, token: await issuer.sign({ cnf: { jkt: await handle.calculateThumbprint() } }) }
  }

  it('gets through on every adapter', async () => {
    for (const app of plain) {
      const { handle, token } = await prepare()
      for (let round = 0; round < 2; round++) expect((await request(app, token, handle)).status, app.name).toBe(200)
    }
  })

  it('gets a nonce with the refusal, uses it, and gets through (RFC 9449 §9)', async () => {
    for (const app of demanding) {
      const { handle, token } = await prepare()
      const refused = await request(app, token, handle).catch((error: unknown) => error)
      expect(oauth.isDPoPNonceError(refused), app.name).toBe(true)
      expect((await request(app, token, handle)).status).toBe(200)
      expect((await request(app, token, handle)).status).toBe(200)
    }
  })

  it('parses the reason of a refusal', async () => {
    const [app] = plain as [App]
    const { token } = await prepare()
    const { handle } = await prepare(await oauth.generateKeyPair('ES256'))
    const refused = (await request(app, token, handle).catch(
      (error: unknown) => error,
    )) as oauth.WWWAuthenticateChallengeError
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
    expect(refused.cause).toMatchObject([{ scheme: 'dpop', parameters: { error: 'invalid_token' } }])
  })
})
