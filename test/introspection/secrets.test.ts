import { channel } from 'node:diagnostics_channel'
import { type ResourceServer, scope } from 'bearward'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { everythingIn } from '../support/canary/canary.ts'
import { CLIENT, formEncoded } from '../support/issuer/introspection-endpoint.ts'
import { WRONG_RESPONSES } from '../support/upstream/faults.ts'
import { requestWith } from '../support/upstream/requests.ts'
import { type Client, useBench } from './kit.ts'

// I1, N5: no output contains a secret, a token or a response, whatever fails.

const bench = useBench()
const SECRET = 'CANARYsecret'
const TOKEN = 'CANARYtoken'
const RESPONSE_BODY = 'CANARYresponse'

let left: unknown[]
const listen = (message: unknown) => void left.push(message)
const CHANNELS = ['decision', 'fetch', 'keys', 'breaker', 'store'].map((name) => `bearward:${name}`)
beforeEach(() => {
  left = []
  for (const name of CHANNELS) channel(name).subscribe(listen)
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation(listen)
  }
  vi.spyOn(process, 'emitWarning').mockImplementation(listen)
})
afterEach(() => {
  for (const name of CHANNELS) channel(name).unsubscribe(listen)
})

/** A private member of the client's key, which cannot hold a canary. */
let privateMember = SECRET
async function clients(): Promise<Readonly<Record<string, Client>>> {
  const jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
  privateMember = String(jwk.d)
  return {
    basic: { method: 'client_secret_basic', clientId: 'orders', clientSecret: SECRET },
    post: { method: 'client_secret_post', clientId: 'orders', clientSecret: SECRET },
    signed: { method: 'private_key_jwt', clientId: 'orders', key: { ...jwk } as never },
    'bearer, a string': { method: 'bearer', token: SECRET },
    'bearer, a function': { method: 'bearer', token: async () => SECRET },
    'bearer, a function that fails': {
      method: 'bearer',
      token: () => {
        throw new Error('no token today')
      },
    },
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64').slice(0, -4)

function expectClean(value: unknown): void {
  const text = everythingIn(value)
  for (const secret of [SECRET, TOKEN, RESPONSE_BODY, privateMember, base64(`orders:${SECRET}`)]) {
    expect(text).not.toContain(secret)
  }
}

/** The error of a request; an accepted token passes its claims on, as it should. */
const thrownBy = (server: ResourceServer, token: string): Promise<unknown> =>
  Promise.resolve()
    .then(() => server.authenticate(requestWith(token), [scope('read:orders')]))
    .then(() => undefined)
    .catch((error: unknown) => error)

type Reply = typeof bench.endpoint.reply
const NAMES = [
  'good',
  'echoes the request',
  'refuses the client',
  'sends broken JSON',
  'sends a wrong shape',
  'sends a wrong audience',
  'sends another type',
  'redirects',
  'resets',
] as const
const repliesOf = (): Readonly<Record<(typeof NAMES)[number], Reply>> => ({
  good: bench.endpoint.respondByToken,
  'echoes the request': (_request, response, introspection) => response.writeHead(500).end(introspection.body),
  'refuses the client': (_request, response, { headers }) =>
    response
      .writeHead(401, { 'www-authenticate': `Basic realm="${headers.authorization} ${RESPONSE_BODY}"` })
      .end(RESPONSE_BODY),
  'sends broken JSON': (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"active":true,"sub":"${RESPONSE_BODY}"`),
  'sends a wrong shape': (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`{"active":"${RESPONSE_BODY}","sub":"${RESPONSE_BODY}"}`),
  'sends a wrong audience': (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"active":true,"aud":"${RESPONSE_BODY}"}`),
  'sends another type': (_request, response) =>
    response.writeHead(200, { 'content-type': `text/${RESPONSE_BODY}` }).end('{}'),
  redirects: (_request, response) =>
    response.writeHead(302, { location: `https://${RESPONSE_BODY}.example/` }).end(RESPONSE_BODY),
  resets: WRONG_RESPONSES['resets in the middle of the body']?.respond as Reply,
})

describe('errors of the application or of a library that quote our request (I1, N5)', () => {
  const CLIENT_SECRET = `${SECRET} +/%"ä`
  const b64 = (text: string) => Buffer.from(text).toString('base64')
  const PASSWORD = formEncoded(CLIENT_SECRET)

  const QUOTES: Readonly<Record<string, (body: string, authorization: string) => unknown>> = {
    'the body': (body) => new Error(`cannot send ${body}`),
    'the body, as a string': (body) => body,
    'the body, URL-encoded once more': (body) => new Error(encodeURIComponent(body)),
    'the decoded body': (body) => new Error(JSON.stringify(Object.fromEntries(new URLSearchParams(body)))),
    'the body in base64': (body) => new Error(`body=${b64(body)}`),
    'the body in base64url, behind other characters': (body) =>
      new Error(`xyz${Buffer.from(body).toString('base64url')}`),
    'the beginning of the body': (body) => new Error(`Unexpected token: ${body.slice(0, 60)}…`),
    'the header': (_body, authorization) => new Error(`401 for ${authorization}`),
    'the header in JSON, in base64': (_body, authorization) => new Error(b64(JSON.stringify({ authorization }))),
    'the decoded credentials': (_body, authorization) =>
      new Error(Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString()),
    'in a name and a code': (body, authorization) =>
      Object.assign(new Error('x'), { name: body, code: `E ${authorization}` }),
    'in a cause': (body) => new Error('outer', { cause: new Error('inner', { cause: new Error(body) }) }),
    'in members, as HTTP libraries do': (body, authorization) =>
      Object.assign(new Error('failed'), { config: { data: body, headers: { authorization } }, request: { body } }),
    'from a getter that throws': (body) =>
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error(body)
        },
      }),
  }

  it.each(Object.keys(QUOTES))('%s: nothing of it is in an event, an error or state()', async (name) => {
    const { signed, ...others } = await clients()
    const all: readonly Client[] = [
      { method: 'client_secret_basic', clientId: 'orders', clientSecret: CLIENT_SECRET },
      { method: 'client_secret_post', clientId: 'orders', clientSecret: CLIENT_SECRET },
      signed as Client,
      others['bearer, a string'] as Client,
    ]
    for (const client of all) {
      const quoted: string[] = []
      const lose = async (_input: unknown, init?: RequestInit): Promise<Response> => {
        const body = String(init?.body)
        const authorization = new Headers(init?.headers).get('authorization') ?? ''
        const assertion = new URLSearchParams(body).get('client_assertion') ?? ''
        quoted.push(
          ...[assertion.slice(0, 40), assertion.slice(-40), authorization.split(' ')[1] ?? ''].filter(Boolean),
        )
        throw QUOTES[name]?.(body, authorization)
      }
      const server = bench.server({ client }, {}, { fetch: lose })
      const token = `${TOKEN}${crypto.randomUUID()}`
      const thrown = await thrownBy(server, token)
      for (const value of [thrown, server.state(), bench.log.events, left]) {
        expectClean(value)
        const text = everythingIn(value)
        for (const part of [...quoted, PASSWORD, b64(token).slice(0, 40), encodeURIComponent(CLIENT_SECRET)]) {
          expect(text).not.toContain(part)
        }
      }
      expect(quoted.length).toBeGreaterThanOrEqual(client.method === 'client_secret_post' ? 0 : 1)
    }
  })

  it('a message that quotes nothing stays readable, with its codes and causes', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
    const lose = async (): Promise<Response> => {
      throw new TypeError('fetch failed', { cause })
    }
    const client: Client = { method: 'client_secret_basic', clientId: 'orders', clientSecret: CLIENT_SECRET }
    const server = bench.server({ client }, {}, { fetch: lose })
    await thrownBy(server, bench.opaque())
    expect(server.state().issuers[0]?.introspection?.lastError?.cause).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    })
  })

  it('an introspect function that quotes its token', async () => {
    const server = bench.verifying((token) => {
      throw new Error(`https://api.example/check?token=${encodeURIComponent(token)} and ${b64(`x:${token}`)}`)
    })
    expectClean(await thrownBy(server, `${TOKEN}.${crypto.randomUUID()}`))
    expectClean(server.state())
  })
})

describe('client secrets, tokens, and introspection responses', () => {
  for (const name of NAMES) it(`are in no event, error or state: ${name}`, () => expectNothingLeft(name))

  async function expectNothingLeft(name: (typeof NAMES)[number]) {
    bench.endpoint.accepts = () => true
    bench.endpoint.reply = repliesOf()[name]
    for (const client of Object.values(await clients())) {
      const server = bench.server({ client })
      const token = bench.opaque({ scope: 'other', sub: RESPONSE_BODY }, `${TOKEN}${crypto.randomUUID()}`)
      const thrown = await thrownBy(server, token)
      expect(thrown).toBeInstanceOf(Error)
      expectClean(thrown)
      // Secrets inside closures are unreachable; everything reachable from a server is inspected.
      expectClean(server)
      expectClean(server.state())
    }
    expect(bench.log.of('fetch').length).toBeGreaterThan(0)
    expectClean(bench.log.events)
    expectClean(left)
    expect(left.length).toBeGreaterThan(0)
  }

  it('are read once: later changes to the options have no effect', async () => {
    const client = {
      method: 'client_secret_basic',
      clientId: 'orders-api',
      clientSecret: CLIENT.clientSecret as string,
    }
    const server = bench.server({ client: client as Client })
    client.clientSecret = 'another'
    client.method = 'client_secret_post'
    expect(await thrownBy(server, bench.opaque())).toBeUndefined()
  })

  it('option getters are read once', async () => {
    let reads = 0
    const client = {
      method: 'client_secret_basic',
      clientId: 'orders-api',
      get clientSecret() {
        reads++
        return CLIENT.clientSecret
      },
    } as const
    const server = bench.server({ client })
    const before = reads
    expect(before).toBeGreaterThan(0)
    expect(await thrownBy(server, bench.opaque())).toBeUndefined()
    expect(reads).toBe(before)
  })
})
