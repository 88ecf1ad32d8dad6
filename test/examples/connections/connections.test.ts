import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestOptions } from 'vitest'
import { WebSocket } from 'ws'
import { createSigningKey, createTestIssuer, RESOURCE, type TestIssuer } from '../../support/issuer/issuer.ts'
import { until } from '../../support/upstream/requests.ts'
import { ask, type Program, runProgram, startProgram } from '../program.ts'
import { eventsOf } from './event-stream.ts'

// The programs of docs/revocation.md for open connections, as users run them: sockets end with their token (N3c).

const CLIENT_ID = 'web-app'

let issuer: TestIssuer
let settings: Record<string, string>
let program: Program
const clients: WebSocket[] = []
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  settings = { ISSUER: issuer.url, RESOURCE, CLIENT_ID }
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate()
  await program?.stop()
})
afterAll(() => issuer.stop())

/** On a busy machine, the token may end before everything was sent that belongs before its end. */
const BEFORE_IT_ENDS: TestOptions = { retry: 2 }

const now = () => Math.floor(Date.now() / 1000)

/** A token that has expired already, and is accepted for a few seconds because of the clock tolerance of 30. */
const ending = (claims: Record<string, unknown> = {}) =>
  issuer.sign({ sub: 'alice', iat: now() - 60, exp: now() - 26, ...claims })

/** Signs a user out, as the authorization server does (OpenID Connect Back-Channel Logout 1.0 §2.5). */
async function signOut(sub: string): Promise<void> {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const token = await issuer.sign({ aud: CLIENT_ID, sub, events, scope: undefined }, { typ: 'logout+jwt' })
  const body = new URLSearchParams({ logout_token: token })
  expect((await fetch(`${program.url}/logout`, { method: 'POST', body })).status).toBe(200)
}

interface Client {
  readonly socket: WebSocket
  readonly closed: Promise<readonly [code: number, why: string]>
  /** Sends a message, and returns the response. */
  send(event: string, token?: string): Promise<unknown>
}

function connect(token: string | undefined): Client {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = new WebSocket(program.url.replace('http', 'ws'), { headers })
  clients.push(socket)
  const closed = once(socket, 'close').then(([code, why]) => [code, String(why)] as const)
  closed.catch(() => undefined)
  return {
    socket,
    closed,
    async send(event, token) {
      if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open')
      socket.send(JSON.stringify({ event, data: { token } }))
      const [data] = await once(socket, 'message')
      return JSON.parse(String(data))
    },
  }
}

/** How a connection with this token is refused. */
async function refusalOf(name: string, token: string | undefined): Promise<number> {
  const client = connect(token)
  if (name === 'nest') return (await client.closed)[0]
  const status = once(client.socket, 'unexpected-response').then(([, response]) => response.statusCode as number)
  client.socket.on('error', () => undefined)
  client.closed.catch(() => undefined)
  return status
}

const ORDERS = { event: 'orders', data: { orders: [{ id: 1, item: 'tea' }], for: 'alice' } }

/** Tokens that must not replace one of alice. */
const badRenewals = async (): Promise<readonly string[]> => [
  'nothing',
  '',
  await issuer.sign({ sub: 'bob' }),
  await issuer.sign({ sub: undefined }),
  await issuer.sign({ sub: 'alice', scope: 'write:orders' }),
  await issuer.sign({ sub: 'alice', aud: 'https://other.example' }),
  await issuer.sign({ sub: 'alice', iat: now() - 3700, exp: now() - 31 }),
  await issuer.sign({ sub: 'alice' }, {}, await createSigningKey('ES256')),
  await issuer.sign({ sub: 'alice', cnf: { jkt: 'A'.repeat(43) } }),
]

/** The close code and reason, and the exit code. Some frameworks close the connections first, and Nest ends by the signal. */
const STOPPED: Readonly<Record<string, readonly unknown[]>> = {
  ws: [4401, 'closed', 0],
  'hono-websocket': [4401, 'closed', 0],
  fastify: [1005, '', 0],
  nest: [1006, '', null],
}

describe.each(['ws', 'fastify', 'hono-websocket', 'nest'])('examples/connections/%s.ts', (name) => {
  it('closes the connections of a user who signs out, and no others; then the token is refused', async () => {
    program = await startProgram(`connections/${name}`, settings)
    expect(await refusalOf(name, undefined)).toBe(name === 'nest' ? 4401 : 401)
    expect(await refusalOf(name, await issuer.sign({ scope: 'write:orders' }))).toBe(name === 'nest' ? 4401 : 403)
    const token = await issuer.sign({ sub: 'alice' })
    const alice = [connect(token), connect(token)]
    const bob = connect(await issuer.sign({ sub: 'bob' }))
    expect(await bob.send('orders')).toMatchObject({ data: { for: 'bob' } })
    for (const client of alice) expect(await client.send('orders')).toEqual(ORDERS)
    await signOut('alice')
    for (const client of alice) expect(await client.closed).toEqual([4401, 'revoked'])
    expect(await refusalOf(name, token)).toBe(name === 'nest' ? 4401 : 401)
    expect(await bob.send('orders')).toMatchObject({ data: { for: 'bob' } })
  })

  it('closes a connection when its token expires; a failed renewal does not extend it', BEFORE_IT_ENDS, async () => {
    program = await startProgram(`connections/${name}`, settings)
    const bad = await badRenewals()
    const client = connect(await ending())
    for (const token of bad) expect(await client.send('renew', token), token).toEqual({ event: 'not_renewed' })
    expect(await client.send('orders')).toEqual(ORDERS)
    expect(await client.closed).toEqual([4401, 'expired'])
  })

  it(
    'keeps a renewed connection open past the expiry of the first token, until the new one ends',
    BEFORE_IT_ENDS,
    async () => {
      program = await startProgram(`connections/${name}`, settings)
      const [token, other] = [await ending(), await ending()]
      const [client, witness] = [connect(token), connect(other)]
      expect(await client.send('orders')).toEqual(ORDERS)
      expect(await client.send('renew', await issuer.sign({ sub: 'alice' }))).toEqual({ event: 'renewed' })
      expect(await witness.closed).toEqual([4401, 'expired'])
      expect(await client.send('orders'), 'with the new token').toEqual(ORDERS)
      await signOut('alice')
      expect(await client.closed).toEqual([4401, 'revoked'])
    },
  )

  it('survives messages of any content, and clients that disappear', async () => {
    program = await startProgram(`connections/${name}`, settings)
    const token = await issuer.sign({ sub: 'alice' })
    for (const message of ['', 'null', '[', '{"event":"renew"}', '{"event":"renew","data":null}', '{"event":1}', '1']) {
      const client = connect(token)
      await once(client.socket, 'open')
      client.socket.send(message)
      expect(await client.send('renew'), message).toEqual({ event: 'not_renewed' })
      client.socket.terminate()
    }
    const large = connect(token)
    await once(large.socket, 'open')
    large.socket.send('x'.repeat(20_000))
    expect(await large.closed).toEqual([1009, ''])
    await signOut('alice')
    expect(await connect(await issuer.sign({ sub: 'bob' })).send('orders')).toMatchObject({ data: { for: 'bob' } })
  })

  it('closes its connections and exits when it is stopped', async () => {
    program = await startProgram(`connections/${name}`, settings)
    const client = connect(await issuer.sign({ sub: 'alice' }))
    await client.send('orders')
    const { code } = await program.stop()
    expect([...(await client.closed), code]).toEqual(STOPPED[name])
  })
})

it.each(['ISSUER', 'RESOURCE', 'CLIENT_ID'])('the programs report that %s is missing', async (missing) => {
  const { [missing]: _, ...rest } = settings
  const expected = { code: 2, output: expect.stringContaining(`${missing} is not set`) }
  expect(await runProgram('connections/ws', rest)).toMatchObject(expected)
})

describe('examples/connections/hono-sse.ts', () => {
  async function open(token: string) {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${program.url}/updates`, { headers })
    expect(response.status).toBe(200)
    return eventsOf(response)
  }

  const renew = async (id: unknown, token: string) =>
    (await ask(program, `/updates/${id}/token`, token, { method: 'PUT' })).status

  it('ends the streams of a user who signs out, and no others; then the token is refused', async () => {
    program = await startProgram('connections/hono-sse', settings)
    expect((await ask(program, '/updates')).status).toBe(401)
    const token = await issuer.sign({ sub: 'alice' })
    const [alice, bob] = [await open(token), await open(await issuer.sign({ sub: 'bob' }))]
    await until(() => alice.received('time') > 0 && bob.received('time') > 0)
    await signOut('alice')
    expect(await alice.ended).toEqual({ why: 'revoked' })
    expect((await ask(program, '/updates', token)).status).toBe(401)
    const before = bob.received('time')
    await until(() => bob.received('time') > before)
    await bob.cancel()
  })

  it('ends a stream when its token expires; a failed renewal does not extend it', BEFORE_IT_ENDS, async () => {
    program = await startProgram('connections/hono-sse', settings)
    const bad = await badRenewals()
    const stream = await open(await ending())
    const { id } = await stream.opened
    for (const token of bad.filter((token) => token !== '')) expect([401, 403, 404]).toContain(await renew(id, token))
    expect(await stream.ended).toEqual({ why: 'expired' })
    expect(await renew(id, await issuer.sign({ sub: 'alice' })), 'after its end').toBe(404)
  })

  it(
    'keeps a renewed stream open past the expiry of the first token, until the new one ends',
    BEFORE_IT_ENDS,
    async () => {
      program = await startProgram('connections/hono-sse', settings)
      const [stream, witness] = [await open(await ending()), await open(await ending())]
      const { id } = await stream.opened
      expect(await renew(id, await issuer.sign({ sub: 'alice' }))).toBe(204)
      expect(await witness.ended).toEqual({ why: 'expired' })
      const before = stream.received('time')
      await until(() => stream.received('time') > before)
      await signOut('alice')
      expect(await stream.ended).toEqual({ why: 'revoked' })
    },
  )

  it('forgets a stream whose client has left, and exits when it is stopped', async () => {
    program = await startProgram('connections/hono-sse', settings)
    const token = await issuer.sign({ sub: 'alice' })
    const [left, stays] = [await open(token), await open(token)]
    const { id } = await left.opened
    await left.cancel()
    while ((await renew(id, token)) !== 404) await pause(20)
    expect((await program.stop()).code).toBe(0)
    expect(await stays.ended).toEqual({ why: 'closed' })
  })
})
