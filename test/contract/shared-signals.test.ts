import { createResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { kit, tokenWith } from '../revocation/kit.ts'
import { AUDIENCE, BAD_EVENTS, CAEP, securityEvent } from '../revocation/security-events.ts'
import { type App, serve } from '../support/apps/app.ts'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

// The endpoint for security events, on every adapter (N3b, RFC 8935).

// Without a scheme: then the first word of the header is the secret.
const AUTHORIZATION = 'Secret-of-the-stream'
const post = (body: string, lines: readonly string[] = [`Authorization: ${AUTHORIZATION}`], type = 'secevent+jwt') => ({
  method: 'POST',
  target: '/events',
  lines: [...lines, `Content-Type: application/${type}`],
  body,
})

describe.each(Object.entries(ENDPOINT_MOUNTS))('sharedSignals on %s', (name, mount) => {
  let revoked: ReturnType<typeof revocation>
  let app: App
  beforeEach(async () => {
    revoked = revocation({ sharedSignals: { audience: AUDIENCE, authorization: AUTHORIZATION } })
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
      clock: () => NOW,
      revocation: revoked,
    })
    app = await serve(name, await mount(server, { '/events': revoked.sharedSignals }), { server, reached: [] })
  })
  afterEach(() => app.close())

  it('revokes, and responds 202', async () => {
    const response = await exchange(app.port, post(securityEvent(`${CAEP}session-revoked`)))
    expect([response.status, response.header('Cache-Control'), response.body]).toEqual([202, 'no-store', ''])
    expect((await send(app.server, tokenWith())).reason).toBe('revoked')
  })

  it('refuses every bad event with 400, `err` and `description`, and revokes nothing', async () => {
    for (const { name, token, err } of BAD_EVENTS) {
      const response = await exchange(app.port, post(token))
      const { err: got, description, ...others } = JSON.parse(response.body)
      expect([name, response.status, got, typeof description, others]).toEqual([name, 400, err, 'string', {}])
      expect([response.header('Cache-Control'), response.header('Content-Type')]).toEqual([
        'no-store',
        'application/json',
      ])
    }
    expect(await revoked.list()).toEqual([])
  })

  it('refuses another Authorization with 401 that does not repeat it, and other media types and methods (RFC 9110 §15.5.2)', async () => {
    const event = securityEvent(`${CAEP}session-revoked`)
    for (const lines of [
      [],
      [`Authorization: ${AUTHORIZATION}x`],
      [`Authorization: ${AUTHORIZATION.toLowerCase()}`],
      [`Authorization: ${AUTHORIZATION}`, `Authorization: ${AUTHORIZATION}`],
    ]) {
      const response = await exchange(app.port, post(event, lines))
      expect([lines, response.status, response.header('WWW-Authenticate')]).toEqual([lines, 401, 'Bearer'])
      expect([JSON.parse(response.body).err, response.body.includes('secret')]).toEqual([
        'authentication_failed',
        false,
      ])
    }
    const other = await exchange(app.port, post(event, undefined, 'jwt'))
    expect([other.status, JSON.parse(other.body).err]).toEqual([400, 'invalid_request'])
    const get = await exchange(app.port, { ...post(event), method: 'GET' })
    expect([get.status, get.header('Allow')]).toEqual([405, 'POST'])
    expect(await revoked.list()).toEqual([])
  })
})
