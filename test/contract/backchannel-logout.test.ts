import { createResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { kit, tokenWith } from '../revocation/kit.ts'
import { BAD_LOGOUTS, CLIENT, logoutToken } from '../revocation/logout-tokens.ts'
import { createSharedStore, SECRET } from '../revocation/shared-store.ts'
import { type App, serve } from '../support/apps/app.ts'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'

// The endpoint for logout tokens, on every adapter (N3a, OpenID Connect Back-Channel Logout 1.0 §2.5–2.8).

const FORM = 'application/x-www-form-urlencoded'
const formOf = (token: string) => `logout_token=${encodeURIComponent(token)}`
const post = (body: string, type = FORM) => ({
  method: 'POST',
  target: '/logout',
  lines: [`Content-Type: ${type}`],
  body,
})

describe.each(Object.entries(ENDPOINT_MOUNTS))('backchannelLogout on %s', (name, mount) => {
  const log = createLog()
  const shared = createSharedStore()
  let revoked: ReturnType<typeof revocation>
  let app: App
  beforeEach(async () => {
    log.events.length = 0
    shared.error = undefined
    shared.flush()
    revoked = revocation({ store: shared.port, logout: { clients: { [ISSUER]: CLIENT } } })
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      clock: () => NOW,
      stores: { secret: SECRET },
      revocation: revoked,
      onEvent: log.onEvent,
    })
    await server.ready()
    app = await serve(name, await mount(server, { '/logout': revoked.backchannelLogout }), { server, reached: [] })
  })
  afterEach(() => app.close())

  const outcome = async (claims: Record<string, unknown>) =>
    (await send(app.server, tokenWith(claims))).reason ?? 'allowed'

  it('revokes the tokens of the user, and responds 200 with no-store', async () => {
    expect(await outcome({})).toBe('allowed')
    const response = await exchange(app.port, post(formOf(logoutToken())))
    expect([response.status, response.header('Cache-Control'), response.body]).toEqual([200, 'no-store', ''])
    expect([await outcome({}), await outcome({ sub: 'user-2' })]).toEqual(['revoked', 'allowed'])
  })

  it('refuses every bad logout token with 400, and revokes nothing', async () => {
    for (const { name, token, code } of BAD_LOGOUTS) {
      const response = await exchange(app.port, post(formOf(token)))
      expect([name, response.status, response.header('Cache-Control'), JSON.parse(response.body).error]).toEqual([
        name,
        400,
        'no-store',
        'invalid_request',
      ])
      expect([name, log.of('revocation').at(-1)]).toMatchObject([name, { action: 'rejected', code }])
    }
    expect(await revoked.list()).toEqual([])
  })

  it('refuses other bodies and media types with 400', async () => {
    const token = logoutToken()
    for (const request of [
      post(formOf(token), 'application/jwt'),
      post(token, 'text/plain'),
      post(`${formOf(token)}&${formOf(token)}`),
      post('logout_token='),
      post(`token=${token}`),
      post(''),
      post(`more=${'x'.repeat(70_000)}&${formOf(token)}`),
    ]) {
      const response = await exchange(app.port, request)
      expect([response.status, JSON.parse(response.body).error]).toEqual([400, 'invalid_request'])
    }
    expect(await revoked.list()).toEqual([])
  })

  it('refuses other methods with 405 and Allow', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await exchange(app.port, { ...post(formOf(logoutToken())), method })
      expect([method, response.status, response.header('Allow'), response.header('Cache-Control')]).toEqual([
        method,
        405,
        'POST',
        'no-store',
      ])
    }
    expect(await revoked.list()).toEqual([])
  })

  it('responds 5xx if the revocation cannot be stored', async () => {
    shared.error = new Error('down')
    const response = await exchange(app.port, post(formOf(logoutToken())))
    expect([response.status, response.header('Retry-After')]).toEqual([503, '1'])
    shared.error = undefined
    expect(await revoked.list()).toEqual([])
  })
})
