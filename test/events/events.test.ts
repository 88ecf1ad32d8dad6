import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createResourceServer, type ResourceServerOptions, scope } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, requestWith, send } from '../support/upstream/requests.ts'

// N5: one typed event for each decision, fetch and key change.

let issuer: TestIssuer
let log: ReturnType<typeof createLog>
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  log = createLog()
})
afterEach(() => issuer.stop())

const start = (options: Partial<ResourceServerOptions> = {}) =>
  createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent, ...options })

/** The outcome of a request does not matter here, only its events. */
const settled = (step: () => unknown) =>
  Promise.resolve()
    .then(step)
    .catch(() => undefined)
const number = expect.any(Number)

describe('the events of a first request', () => {
  it('are two fetches, the new keys, and the decision, in this order', async () => {
    expect((await send(start(), await issuer.sign())).status).toBe(200)
    expect(log.events).toEqual([
      {
        type: 'fetch',
        target: 'discovery',
        issuer: issuer.url,
        outcome: 'ok',
        code: undefined,
        status: 200,
        network: undefined,
        mediaType: undefined,
        duration: number,
      },
      {
        type: 'fetch',
        target: 'keys',
        issuer: issuer.url,
        outcome: 'ok',
        code: undefined,
        status: 200,
        network: undefined,
        mediaType: undefined,
        duration: number,
      },
      { type: 'keys', issuer: issuer.url, added: [issuer.keys[0]?.kid], removed: [], total: 1 },
      {
        type: 'decision',
        outcome: 'allowed',
        status: undefined,
        code: undefined,
        reason: undefined,
        issuer: issuer.url,
        format: 'jwt',
        stacked: false,
        duration: number,
        cause: undefined,
      },
    ])
  })

  it('cannot be changed by a listener', async () => {
    await send(start(), await issuer.sign())
    for (const event of log.events) expect(Object.isFrozen(event)).toBe(true)
  })

  it('have durations, never negative', async () => {
    await send(start(), await issuer.sign())
    for (const event of log.events) {
      if ('duration' in event) expect(event.duration).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('a decision', () => {
  const decisionOf = async (run: (server: ReturnType<typeof start>) => unknown) => {
    const server = start()
    await server.ready()
    await settled(() => run(server))
    expect(log.of('decision')).toHaveLength(1)
    return log.of('decision')[0]
  }

  it('refused for a missing token', async () => {
    expect(await decisionOf((server) => server.authenticate(requestWith(undefined)))).toMatchObject({
      outcome: 'refused',
      status: 401,
      code: 'ERR_MISSING_CREDENTIALS',
      reason: 'no_credentials',
      issuer: undefined,
      format: undefined,
    })
  })

  it('refused for a bad token: an issuer that is only claimed is not named', async () => {
    const token = await issuer.sign({ exp: 1 })
    expect(await decisionOf((server) => server.authenticate(requestWith(token)))).toMatchObject({
      outcome: 'refused',
      status: 401,
      code: 'ERR_INVALID_TOKEN',
      reason: 'expired',
      issuer: undefined,
    })
  })

  it('refused for a missing scope', async () => {
    const token = await issuer.sign()
    expect(await decisionOf((server) => server.authenticate(requestWith(token), [scope('x')]))).toMatchObject({
      outcome: 'refused',
      status: 403,
      code: 'ERR_INSUFFICIENT_SCOPE',
      reason: 'scope',
    })
  })

  it('anonymous behind optionalAuth', async () => {
    expect(await decisionOf((server) => server.optionalAuth(requestWith(undefined)))).toMatchObject({
      outcome: 'anonymous',
      status: undefined,
      reason: undefined,
      issuer: undefined,
    })
  })

  it('unavailable, with the cause', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(502).end()
    await settled(async () => start().authenticate(requestWith(await issuer.sign())))
    expect(log.of('decision')[0]).toMatchObject({
      outcome: 'unavailable',
      status: 503,
      code: 'ERR_UNAVAILABLE',
      reason: 'keys_unavailable',
      cause: { code: 'status', status: 502 },
    })
    expect(log.of('fetch').at(-1)).toMatchObject({ target: 'keys', outcome: 'failed', code: 'status', status: 502 })
  })

  it('failed, if a guard of the application throws: its error is not included', async () => {
    const token = await issuer.sign()
    const broken = () => {
      throw new Error('secret of the application')
    }
    const event = await decisionOf((server) => server.authenticate(requestWith(token), [broken]))
    expect(event).toMatchObject({ outcome: 'failed', status: undefined, code: undefined, cause: undefined })
    expect(JSON.stringify(event)).not.toContain('secret')
  })

  it('of a second guard on the same request is marked as stacked', async () => {
    const server = start()
    const request = requestWith(await issuer.sign())
    await server.authenticate(request)
    await server.authenticate(request, [scope('read:orders')])
    await settled(() => server.authenticate(request, [scope('x')]))
    await server.authenticate(requestWith(await issuer.sign()))
    expect(log.of('decision').map(({ stacked, outcome }) => [stacked, outcome])).toEqual([
      [false, 'allowed'],
      [true, 'allowed'],
      [true, 'refused'],
      [false, 'allowed'],
    ])
  })

  it('is not reported by verify(), which decides no request', async () => {
    await start().verify(await issuer.sign())
    expect(log.of('decision')).toEqual([])
  })
})

describe('diagnostics_channel', () => {
  const TYPES = ['decision', 'fetch', 'keys', 'key_skipped'] as const
  const heard: [string, unknown][] = []
  const listener = (message: unknown, name: string | symbol) => {
    heard.push([String(name), message])
  }
  beforeEach(() => {
    heard.length = 0
    for (const type of TYPES) subscribe(`bearward:${type}`, listener)
  })
  afterEach(() => {
    for (const type of TYPES) unsubscribe(`bearward:${type}`, listener)
  })

  it('has the same events, each on the channel of its type, with or without onEvent', async () => {
    issuer.onKeys = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: [null, issuer.keys[0]?.jwk] }))
    await send(start(), await issuer.sign())
    expect(heard.map(([name]) => name)).toEqual([
      'bearward:fetch',
      'bearward:fetch',
      'bearward:key_skipped',
      'bearward:keys',
      'bearward:decision',
    ])
    expect(heard.map(([, message]) => message)).toEqual(log.events)
    for (const [index, [, message]] of heard.entries()) expect(message).toBe(log.events[index])

    heard.length = 0
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    await send(server, await issuer.sign())
    expect(heard.map(([name]) => name)).toContain('bearward:decision')
  })
})

describe('a refusal in events (A9)', () => {
  it('names the claim, never its value', async () => {
    const server = start()
    await send(server, await issuer.sign({ aud: 'CANARY' }))
    await send(server, await issuer.sign({ nonce: 'CANARY' }))
    await send(server, await issuer.sign({ events: { CANARY: {} } }))
    expect(log.of('decision').map(({ reason, claim }) => [reason, claim])).toEqual([
      ['audience', 'aud'],
      ['token_type', 'nonce'],
      ['token_type', undefined],
    ])
    expect(JSON.stringify(log.events)).not.toContain('CANARY')
  })

  it('of a token that is too large reports size, limit and option', async () => {
    const server = start()
    const token = await issuer.sign({ groups: Array.from({ length: 157 }, () => crypto.randomUUID()) })
    await send(server, token)
    await send(server, await issuer.sign({}, { kid: 'k'.repeat(257) }))
    await send(server, await issuer.sign({}, { x5c: ['x'.repeat(2048)] }))
    const seen = log.of('decision').map(({ reason, option, size, limit }) => [reason, option, size, limit])
    expect(seen).toEqual([
      ['token_too_large', 'limits.token', token.length, 8192],
      ['token_too_large', 'limits.keyId', 257, 256],
      ['token_too_large', 'limits.header', number, 2048],
    ])
    await expect(server.verify(token)).rejects.toThrow('see the option limits.token')
  })
})
