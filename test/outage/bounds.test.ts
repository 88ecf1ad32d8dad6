import { gzipSync } from 'node:zlib'
import { createResourceServer, type IssuerOptions, type LimitOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'
import { createUpstreamServer, documents, type UpstreamServer } from '../support/upstream/server.ts'

// K6: the maximum cost of a broken upstream. The clocks are real here.

const MIB = 2 ** 20
const JSON_TYPE = { 'content-type': 'application/json' }

let issuer: TestIssuer
let other: UpstreamServer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  other = await createUpstreamServer()
})
afterEach(async () => {
  await issuer.stop()
  await other.stop()
})

const serverWith = (options: Partial<IssuerOptions> = {}, fetch = globalThis.fetch, limits: LimitOptions = {}) =>
  createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, ...options }, fetch, limits })

describe('redirects', () => {
  for (const code of [301, 302, 303, 307, 308]) {
    it(`${code}: 503 and no request to the target, for keys and for metadata`, async () => {
      other.respond = documents({ '/': { keys: issuer.keys.map(({ jwk }) => jwk) } })
      const lead: TestIssuer['onKeys'] = (_request, response) =>
        response.writeHead(code, { location: `${other.url}/`, ...JSON_TYPE }).end()
      const { onMetadata } = issuer
      issuer.onMetadata = lead
      expect((await send(serverWith(), await issuer.sign())).status).toBe(503)
      issuer.onMetadata = onMetadata
      issuer.onKeys = lead
      expect((await send(serverWith(), await issuer.sign())).status).toBe(503)
      expect(other.requests).toEqual([])
      expect(issuer.hits.keys).toBe(1)
    })
  }
})

describe('the deadline', () => {
  /** Correct responses, but late. */
  const slowly = (milliseconds: number) => {
    const { onKeys, onMetadata } = issuer
    issuer.onKeys = (request, response) => setTimeout(onKeys, milliseconds, request, response)
    issuer.onMetadata = (request, response) => setTimeout(onMetadata, milliseconds, request, response)
  }

  it('is one for a whole load: discovery and the keys together', async () => {
    // Either of the two alone would be in time.
    slowly(350)
    expect((await send(serverWith({ deadline: 0.6 }), await issuer.sign())).status).toBe(503)
  })

  it('is one for all forms of discovery', async () => {
    const respondLate: UpstreamServer['respond'] = (_request, response) =>
      setTimeout(() => response.writeHead(404, JSON_TYPE).end(), 150)
    other.respond = respondLate
    const server = serverWith({ issuer: `${other.url}/tenant`, deadline: 0.4 })
    expect((await send(server, await issuer.sign({ iss: `${other.url}/tenant` }))).status).toBe(503)
    // 0.6 s would have been enough for all four forms.
    expect(other.requests.length).toBeLessThan(4)
  })

  it('leaves an issuer that is slow but in time alone', async () => {
    slowly(150)
    expect((await send(serverWith({ deadline: 5 }), await issuer.sign())).status).toBe(200)
  })

  it('leaves time for the keys if only the metadata hangs and the jwks_uri is cached', async () => {
    const server = serverWith({ deadline: 1.6, jwksCache: { cooldown: 1, backoff: 0.01, maxBackoff: 0.01 } })
    await server.ready()
    const { onKeys } = issuer
    issuer.onKeys = (_request, response) => response.writeHead(500).end()
    const next = await issuer.rotate({ keepOld: true })
    const token = await issuer.sign({}, {}, next)
    expect((await send(server, token)).status).toBe(503)
    issuer.onKeys = onKeys
    issuer.onMetadata = () => undefined
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect((await send(server, token)).status).toBe(200)
    expect(issuer.hits).toMatchObject({ metadata: 2, keys: 3 })
  })

  it('a response that arrives after it is cancelled', async () => {
    let cancelled = false
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const respondLate = () =>
      new Promise<Response>((resolve) => setTimeout(() => resolve(new Response(body, { headers: JSON_TYPE })), 300))
    expect((await send(serverWith({ deadline: 0.1 }, respondLate), await issuer.sign())).status).toBe(503)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(cancelled).toBe(true)
  })

  it('a blocked process does not count as a slow issuer', async () => {
    for (const hook of ['onMetadata', 'onKeys'] as const) {
      const server = serverWith({ deadline: 0.6 })
      const respond = issuer[hook]
      issuer[hook] = (request, response) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900)
        // The deadline timer is due by now; the response arrives in the next turn, and the keys a turn later.
        setTimeout(respond, 50, request, response)
      }
      const token = await issuer.sign()
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(server, token)))
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200]))
      issuer[hook] = respond
    }
    expect(issuer.hits).toMatchObject({ metadata: 2, keys: 2 })
  })

  it('aborts the signal of the fetch', async () => {
    let signal: AbortSignal | null | undefined
    const hang: typeof fetch = (_input, init) => {
      signal = init?.signal
      return new Promise(() => undefined)
    }
    await send(serverWith({ deadline: 0.05 }, hang), await issuer.sign())
    expect(signal?.aborted).toBe(true)
  })
})

describe('the size limit', () => {
  const padded = (bytes: number) => {
    const set = JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) })
    return set.padEnd(bytes)
  }

  it('allows exactly the limit, and not one byte more', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(200, JSON_TYPE).end(padded(524_288))
    expect((await send(serverWith(), await issuer.sign())).status).toBe(200)
    issuer.onKeys = (_request, response) => response.writeHead(200, JSON_TYPE).end(padded(524_289))
    expect((await send(serverWith(), await issuer.sign())).status).toBe(503)
  })

  it('applies after decompression', async () => {
    const respondWith = (bytes: number) => {
      issuer.onKeys = (_request, response) =>
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(padded(bytes)))
    }
    respondWith(524_288)
    expect((await send(serverWith(), await issuer.sign())).status).toBe(200)
    respondWith(524_289)
    expect((await send(serverWith(), await issuer.sign())).status).toBe(503)
  })

  it('follows the option', async () => {
    issuer.onKeys = (_request, response) => response.writeHead(200, JSON_TYPE).end(padded(2000))
    expect((await send(serverWith({}, fetch, { keySet: 1999 }), await issuer.sign())).status).toBe(503)
    expect((await send(serverWith({}, fetch, { keySet: 2000 }), await issuer.sign())).status).toBe(200)
  })

  it('closes the connection: an endless response is not read on', async () => {
    let sent = 0
    const ended = new Promise<void>((resolve) => {
      issuer.onKeys = (_request, response) => {
        response.writeHead(200, JSON_TYPE)
        response.on('close', () => resolve())
        const chunk = Buffer.alloc(65_536, ' ')
        const more = () => {
          while (!response.destroyed) {
            sent += chunk.byteLength
            if (!response.write(chunk)) return
          }
        }
        response.on('drain', more)
        more()
      }
    })
    expect((await send(serverWith({ deadline: 20 }), await issuer.sign())).status).toBe(503)
    await ended
    // The limit, plus what fits into the buffers of both sockets.
    expect(sent).toBeLessThan(32 * MIB)
  })

  it('pulls no more from a stream than the limit and the chunk that exceeds it', async () => {
    let pulled = 0
    const body = new ReadableStream({
      pull: (controller) => {
        pulled += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(32))
      },
    })
    const endless = async () => new Response(body, { headers: JSON_TYPE })
    expect((await send(serverWith({}, endless), await issuer.sign())).status).toBe(503)
    expect(pulled).toBeLessThanOrEqual(524_288 + 3 * 65_536)
  })
})

describe('memory use', () => {
  /** Growth of the resident set while `work` runs. */
  async function growthOf(work: () => Promise<void>): Promise<number> {
    const before = process.memoryUsage.rss()
    let peak = before
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 2)
    await work()
    clearInterval(timer)
    return Math.max(peak, process.memoryUsage.rss()) - before
  }

  it('is not affected by a bomb of 256 MiB', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * MIB, ' '), { level: 1 })
    issuer.onKeys = (_request, response) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb)
    const token = await issuer.sign()
    await send(serverWith(), token)
    const growth = await growthOf(async () => {
      for (let round = 0; round < 5; round++) expect((await send(serverWith(), token)).status).toBe(503)
    })
    expect(growth).toBeLessThan(128 * MIB)
  })

  it('is not affected by nested gzip, where the runtime decompresses it', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(64 * MIB, ' '), { level: 1 }))
    issuer.onKeys = (_request, response) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' }).end(bomb)
    const token = await issuer.sign()
    const growth = await growthOf(async () => {
      expect((await send(serverWith(), token)).status).toBe(503)
    })
    expect(growth).toBeLessThan(48 * MIB)
  })

  it('is not affected by the number of chunks either', async () => {
    const dust = async () => {
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(Uint8Array.of(32)) })
      return new Response(body, { headers: JSON_TYPE })
    }
    const token = await issuer.sign()
    const growth = await growthOf(async () => {
      const outcome = await send(serverWith({ deadline: 30 }, dust), token)
      expect(outcome).toMatchObject({ status: 503 })
    })
    // 512 Ki chunks of one byte; a promise per chunk would take more than 300 MiB.
    expect(growth).toBeLessThan(160 * MIB)
  })
})

describe('the request we send', () => {
  it('accepts JSON and contains nothing about callers', async () => {
    const seen: string[] = []
    const record =
      (respond: TestIssuer['onKeys']): TestIssuer['onKeys'] =>
      (request, response) => {
        seen.push(`${request.method} ${request.headers.accept}`)
        expect(request.headers.authorization).toBeUndefined()
        expect(request.headers.cookie).toBeUndefined()
        respond(request, response)
      }
    issuer.onMetadata = record((_request, response) =>
      json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }, { 'set-cookie': 'a=b' }),
    )
    issuer.onKeys = record(issuer.onKeys)
    expect((await send(serverWith(), await issuer.sign())).status).toBe(200)
    expect(seen).toEqual([
      'GET application/json, application/jwk-set+json',
      'GET application/json, application/jwk-set+json',
    ])
  })
})
