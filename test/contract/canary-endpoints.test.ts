import { createResourceServer, type RevocationEvent } from 'bearward'
import { revocation } from 'bearward/revocation'
import { afterEach, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { kit } from '../revocation/kit.ts'
import { CLIENT, logoutToken } from '../revocation/logout-tokens.ts'
import { AUDIENCE, CAEP, SSF, securityEvent, USER } from '../revocation/security-events.ts'
import { type App, serve } from '../support/apps/app.ts'
import { ENDPOINT_MOUNTS } from '../support/apps/endpoints.ts'
import { CANARY, canary, plant } from '../support/canary/canary.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { until } from '../support/upstream/requests.ts'
import { useOutput } from './canary-output.ts'

// N3a, N3b, N5: what is sent to our endpoints is in no response, event, log, metric or trace, whether it is accepted or not.

const output = useOutput()
const AUTHORIZATION = `Bearer ${canary()}`

type Sent = readonly [status: number, body: string, authorization?: string]

/** Logout tokens, each with canaries in another place. */
const logouts = (): readonly Sent[] => {
  const user = { sub: canary(), sid: canary(), jti: canary() }
  const tokens: readonly [number, string][] = [
    [200, logoutToken(user)],
    [400, logoutToken({ ...user, iss: `https://${canary()}.example` })],
    [400, logoutToken({ ...user, aud: canary() })],
    [400, logoutToken({ ...user, events: { [canary()]: {} } })],
    [400, logoutToken({ ...user, nonce: canary() })],
    [400, logoutToken({ ...user, exp: canary() })],
    [400, logoutToken({ ...user, sid: [canary()] })],
    [400, logoutToken(user, { typ: canary() })],
    [400, logoutToken(user, { alg: canary() })],
    [400, logoutToken(user, { kid: canary() })],
    [400, logoutToken(user, {}, kit.attacker)],
    [400, canary()],
  ]
  return [
    ...tokens.map(([status, token]): Sent => [status, `logout_token=${plant(token)}`]),
    [400, `${canary()}=${canary()}`],
    [400, `logout_token=${canary()}%20&logout_token=${canary()}`],
  ]
}

/** Security events, likewise. */
const signals = (): readonly Sent[] => {
  const type = `${CAEP}session-revoked`
  const user = { jti: canary(), sub_id: { ...USER, sub: canary() } }
  const tokens: readonly [number, string][] = [
    [202, securityEvent(type, user, { reason_admin: { en: canary() }, [canary()]: canary() })],
    [202, securityEvent(`https://${canary()}.example/`, user)],
    [
      202,
      securityEvent(`${SSF}verification`, { ...user, sub_id: { format: 'opaque', id: canary() } }, { state: canary() }),
    ],
    [400, securityEvent(type, { ...user, iss: `https://${canary()}.example` })],
    [400, securityEvent(type, { ...user, aud: canary() })],
    [400, securityEvent(type, { ...user, sub_id: { format: canary(), id: canary() } })],
    [400, securityEvent(type, { ...user, sub_id: { ...USER, iss: canary() } })],
    [400, securityEvent(type, user, { event_timestamp: canary() })],
    [400, securityEvent(type, user, {}, { typ: canary() })],
    [400, securityEvent(type, user, {}, { kid: canary() })],
    [400, securityEvent(type, user, {}, {}, kit.attacker)],
    [400, canary()],
  ]
  return [
    ...tokens.map(([status, token]): Sent => [status, plant(token), AUTHORIZATION]),
    [401, canary(), `Bearer ${canary()}`],
    [401, canary(), `${AUTHORIZATION}x`],
  ]
}

let app: App | undefined
afterEach(() => app?.close())

it.each(Object.entries(ENDPOINT_MOUNTS))('the endpoints on %s', async (name, mount) => {
  const revoked = revocation({
    logout: { clients: { [ISSUER]: CLIENT } },
    sharedSignals: { audience: AUDIENCE, authorization: AUTHORIZATION },
  })
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => NOW,
    revocation: revoked,
    onEvent: (event) => void output.left.add(event),
  })
  const endpoints = { '/logout': revoked.backchannelLogout, '/events': revoked.sharedSignals }
  app = await serve(name, await mount(server, endpoints), { server, reached: [] })
  output.observe([app])

  for (const [target, type, all] of [
    ['/logout', 'application/x-www-form-urlencoded', logouts()],
    ['/events', 'application/secevent+jwt', signals()],
  ] as const) {
    for (const [index, [status, body, authorization]] of all.entries()) {
      const lines = [`Content-Type: ${type}`, ...(authorization ? [`Authorization: ${authorization}`] : [])]
      const response = await exchange(app.port, { method: 'POST', target: `${target}?${canary()}`, lines, body })
      expect([target, index, response.status]).toEqual([target, index, status])
      expect(JSON.stringify(response)).not.toContain(CANARY)
    }
  }
  // Of what changed there is one event for many entries, after a moment.
  const actions = () => [...output.left].map((one) => (one as Partial<RevocationEvent>).action)
  await until(() => actions().includes('added'), 'the event')
  expect(actions()).toEqual(expect.arrayContaining(['added', 'rejected', 'ignored']))
  await output.expectClean()
})
