import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { type NodeNext, resourceServer } from 'bearward/node'
import { createClientCertificate } from 'bearward/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { SEES_LATE_UPGRADES } from '../support/apps/runtime.ts'
import { bearer, exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const good = kit.token()
const options = {
  resource: RESOURCE,
  issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
  clock: () => NOW,
}

let http: Server | undefined
/** What no promise may do. */
const unhandled: unknown[] = []
const note = (thrown: unknown) => void unhandled.push(thrown)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note).on('uncaughtException', note)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(async () => {
  http?.closeAllConnections()
  http?.close()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note).off('uncaughtException', note)
  expect(unhandled).toEqual([])
})

async function listen(listener?: RequestListener): Promise<number> {
  http = createServer(listener)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return (http.address() as AddressInfo).port
}

const boom = new Error('own failure')
const refusing = () => {
  throw boom
}

describe('an awaited guard (F2)', () => {
  it('returns the token, null for an anonymous request, and undefined once it has responded', async () => {
    const { protect, optionalAuth } = resourceServer(options)
    const seen: unknown[] = []
    const port = await listen(async (request, response) => {
      const guard = request.url === '/open' ? optionalAuth() : protect()
      const token = await guard(request, response)
      seen.push(token === null ? null : token?.subject)
      if (token !== undefined) response.end()
    })
    const statuses: number[] = []
    for (const target of ['/open', '/closed']) {
      for (const lines of [bearer(good), [], bearer('a.b.c')]) {
        statuses.push((await exchange(port, { target, lines })).status)
      }
    }
    expect(statuses).toEqual([200, 200, 401, 200, 401, 401])
    expect(seen).toEqual(['user-1', null, undefined, 'user-1', undefined, undefined])
  })

  it.each([
    [undefined, 1100],
    [40, 100],
  ])('a second line counts, also where Node drops it: maxHeadersCount %j (R3, RFC 6750 §2)', async (max, others) => {
    const { protect } = resourceServer(options)
    const port = await listen(async (request, response) => {
      if (await protect()(request, response)) response.end()
    })
    if (http && max !== undefined) http.maxHeadersCount = max
    const lines = (count: number) => [...bearer(good), ...Array.from({ length: count }, () => 'a:')]
    const statuses = [
      await exchange(port, { lines: [...lines(others), ...bearer(good)] }),
      await exchange(port, { lines: lines(20) }),
    ].map(({ status }) => status)
    expect(statuses).toEqual([400, 200])
  })

  it('a forged certificate does not hide the one of the proxy behind many lines (RFC 9440 §4)', async () => {
    const { confirmation, header } = await createClientCertificate()
    const mtls = { mode: 'accept', proxy: { isTrusted: () => true } } as const
    const { protect } = resourceServer({ ...options, mtls })
    const port = await listen(async (request, response) => {
      if (await protect()(request, response)) response.end()
    })
    const bound = bearer(kit.token({ claims: kit.claims({ cnf: confirmation }) }))
    const forged = [...bound, `Client-Cert: ${header}`]
    const many = Array.from({ length: 1100 }, () => 'a:')
    const { header: own } = await createClientCertificate()
    expect((await exchange(port, { lines: [...forged, ...many, `Client-Cert: ${own}`] })).status).not.toBe(200)
    expect((await exchange(port, { lines: forged })).status).toBe(200)
  })

  it('takes a URL that middleware has put in place of the text (RFC 9700 §4.3.2)', async () => {
    const { protect } = resourceServer(options)
    const port = await listen(async (request, response) => {
      Object.assign(request, { url: new URL(request.url ?? '', 'http://localhost') })
      if (await protect()(request, response)) response.end()
    })
    const targets = ['/orders', '/orders?page=1', '/orders?access_token=a']
    const responses = await Promise.all(targets.map((target) => exchange(port, { target, lines: bearer(good) })))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 400])
  })

  it('responds with 500 to what a guard of the application throws, and logs it', async () => {
    const { protect } = resourceServer(options)
    const port = await listen((request, response) => void protect(refusing)(request, response))
    expect((await exchange(port, { lines: bearer(good) })).status).toBe(500)
    expect(console.error).toHaveBeenCalledWith(boom)
  })

  it("rejects with errors: 'forward' only", async () => {
    const { protect } = resourceServer({ ...options, errors: 'forward' })
    const port = await listen((request, response) => {
      protect()(request, response).catch((error: { reason: string }) => response.end(error.reason))
    })
    expect((await exchange(port, {})).body).toBe('no_credentials')
  })
})

describe('a guard with next (F2)', () => {
  it('passes errors on, and the token stays with the request', async () => {
    const { protect, accessToken } = resourceServer({ ...options, errors: 'forward' })
    const port = await listen((request, response) => {
      const next: NodeNext = (error) =>
        response.end(error ? String((error as { reason?: unknown }).reason) : accessToken(request).subject)
      void protect()(request, response, next)
    })
    expect((await exchange(port, {})).body).toBe('no_credentials')
    expect((await exchange(port, { lines: bearer(good) })).body).toBe('user-1')
  })

  it.each<[string, () => unknown]>([
    ['throws', refusing],
    ['rejects', () => Promise.reject(boom)],
  ])('a handler that %s behind it gets a 500, and runs once', async (_, fail) => {
    const { protect } = resourceServer(options)
    const next = vi.fn(fail)
    const port = await listen((request, response) => void protect()(request, response, next))
    expect((await exchange(port, { lines: bearer(good) })).status).toBe(500)
    expect(next).toHaveBeenCalledTimes(1)
  })

  it('never touches a finished response, and calls no error handler that would', async () => {
    const { protect } = resourceServer({ ...options, errors: 'forward' })
    const calm = resourceServer(options)
    const next = vi.fn()
    const port = await listen(async (request, response) => {
      response.end('timeout')
      for (const guard of [protect(), calm.protect(), calm.protect(refusing)]) await guard(request, response, next)
      await calm.protect()(request, response)
    })
    expect(await exchange(port, {})).toMatchObject({ status: 200, body: 'timeout' })
    await exchange(port, { lines: bearer('a.b.c') })
    expect(next).not.toHaveBeenCalled()
  })

  it('a response that has begun is handed to the error handler, and without one cut off', async () => {
    const { protect } = resourceServer(options)
    const next = vi.fn()
    const begun = await listen(async (request, response) => {
      response.write('a part')
      if (request.url === '/next') await protect()(request, response, next)
      else await protect()(request, response)
      if (request.url === '/next') response.end()
    })
    await exchange(begun, { target: '/next' })
    expect(next).toHaveBeenCalledWith(expect.objectContaining({ reason: 'no_credentials' }))
    const socket = connect(begun, '127.0.0.1').on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).not.toContain('\r\n0\r\n')
  })
})

describe('upgrade()', () => {
  const { protect, upgrade, accessToken } = resourceServer(options)
  const hello = (...lines: readonly string[]) =>
    `${['GET /chat HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket', ...lines].join('\r\n')}\r\n\r\n`

  async function serve(...guards: Parameters<typeof upgrade> extends [unknown, unknown, ...infer G] ? G : never) {
    const outcomes: unknown[] = []
    const port = await listen((_request, response) => void setTimeout(() => response.end('slow'), 50))
    http?.on('upgrade', async (request, socket: Duplex) => {
      const token = await upgrade(request, socket, ...guards)
      outcomes.push(token?.subject)
      if (token) socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${accessToken(request).subject}`)
    })
    return { port, outcomes }
  }

  async function send(port: number, text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    return received
  }

  it('returns the token, and the socket is the caller’s', async () => {
    const { port, outcomes } = await serve()
    expect(await send(port, hello(...bearer(good)))).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\nuser-1')
    expect(outcomes).toEqual(['user-1'])
  })

  it('refuses as the guard of a route does, and closes the connection', async () => {
    const { port, outcomes } = await serve()
    const other = createServer((request, response) => void protect()(request, response))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const lists = [[], bearer('a.b.c'), [...bearer(good), ...bearer(good)], ['Authorization: Bearer']]
    for (const lines of lists) {
      const [head = '', body] = (await send(port, hello(...lines))).split('\r\n\r\n')
      const route = await exchange((other.address() as AddressInfo).port, { target: '/chat', lines })
      expect(Number(head.split(' ')[1])).toBe(route.status)
      expect(body).toBe(route.body)
      for (const name of ['WWW-Authenticate', 'Cache-Control', 'Content-Type', 'Content-Length']) {
        for (const value of route.all(name)) expect(head).toContain(`\r\n${name}: ${value}`)
      }
      expect(head).toMatch(/\r\nConnection: close/)
    }
    other.close()
    expect(outcomes).toEqual(lists.map(() => undefined))
  })

  it('responds with 500 to an error of the application, and to guards that are wrong', async () => {
    const first = await serve(refusing)
    expect(await send(first.port, hello(...bearer(good)))).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    http?.close()
    const second = await serve('read:orders' as never)
    expect(await send(second.port, hello(...bearer(good)))).toMatch(/^HTTP\/1\.1 500 /)
    expect([...first.outcomes, ...second.outcomes]).toEqual([undefined, undefined])
  })

  it('a client that resets the connection meanwhile ends neither the process nor the wait', async () => {
    let go = (): void => undefined
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const arrived: (() => void)[] = []
    for (const permits of [true, false]) {
      const here = new Promise<void>((resolve) => arrived.push(resolve))
      const { port, outcomes } = await serve(async () => {
        arrived.pop()?.()
        await held
        return permits
      })
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      socket.write(hello(...bearer(good)))
      await here
      socket.resetAndDestroy()
      await new Promise((resolve) => setTimeout(resolve, 50))
      go()
      await vi.waitFor(() => expect(outcomes).toEqual([undefined]))
      http?.close()
    }
  })

  it('does not write into the response to an earlier request of the connection', async () => {
    const { port, outcomes } = await serve()
    const text = await send(port, `GET / HTTP/1.1\r\nHost: a\r\n\r\n${hello()}`)
    if (SEES_LATE_UPGRADES) expect(text).toBe('')
    else expect([outcomes, text.replaceAll(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\nslow/gs, '')]).toEqual([[], ''])
  })

  it('a guard mounted in its place lets nothing through and closes the connection', async () => {
    const port = await listen()
    http?.on('upgrade', protect() as never)
    for (const lines of [[], bearer(good)]) expect(await send(port, hello(...lines)).catch(() => '')).toBe('')
  })
})
