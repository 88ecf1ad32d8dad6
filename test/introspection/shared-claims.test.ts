import type { IntrospectionStore } from 'bearward'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { send, until } from '../support/upstream/requests.ts'
import { useBench } from './kit.ts'

// I10: of several processes that share a store, one introspects a token, and the others wait for its response.

const bench = useBench()
const records = new Map<string, string>()
const claims = new Set<string>()
beforeEach(() => {
  records.clear()
  claims.clear()
})
const store = {
  get: (key: string) => records.get(key),
  set: async (key: string, value: string) => void records.set(key, value),
  claim: async (key: string) => !claims.has(key) && Boolean(claims.add(key)),
  release: async (key: string) => void claims.delete(key),
}

/** A resource server as in a separate process: its local cache is empty. */
const server = (own: IntrospectionStore, introspection: Parameters<typeof bench.server>[0] = {}) =>
  bench.server(introspection, {}, { stores: { introspection: own } })

it('the runtime is asked to stay alive for the record and the claim (waitUntil)', async () => {
  const background: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>) => void background.push(work)
  const slow: IntrospectionStore = {
    ...store,
    set: async (key, value) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return store.set(key, value)
    },
  }
  const own = bench.server({}, {}, { stores: { introspection: slow }, waitUntil })
  expect((await send(own, bench.opaque())).status).toBe(200)
  await Promise.all(background)
  expect([records.size, claims.size]).toEqual([1, 0])
})

describe('claims', () => {
  it('end once the response has been written, and not before', async () => {
    const slow: IntrospectionStore = {
      ...store,
      set: async (key, value) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return store.set(key, value)
      },
    }
    const token = bench.opaque()
    expect((await send(server(slow), token)).status).toBe(200)
    expect((await send(server(store), token)).status).toBe(200)
    expect(bench.endpoint.calls()).toBe(1)
  })

  it('are not used if another process wrote the record between a read and a claim', async () => {
    const token = bench.opaque()
    await send(server(store), token)
    await until(() => records.size > 0 && claims.size === 0, 'the record')
    // The first read came before the other process wrote.
    const looks = vi.fn(store.get).mockReturnValueOnce(undefined)
    expect((await send(server({ ...store, get: looks }), token)).status).toBe(200)
    expect(looks).toHaveBeenCalledTimes(2)
    expect(bench.endpoint.calls()).toBe(1)
    await until(() => claims.size === 0, 'the end of the claim')
  })

  it('end with a failed introspection request', async () => {
    const token = bench.opaque()
    bench.endpoint.reply = (_request, response) => response.writeHead(400).end()
    expect((await send(server(store), token)).status).toBe(503)
    await until(() => claims.size === 0, 'the end of the claim')
    bench.endpoint.reply = bench.endpoint.respondByToken
    expect((await send(server(store), token)).status).toBe(200)
  })

  it('are not waited for by a route that accepts no shared response', async () => {
    const token = bench.opaque()
    const held = bench.endpoint.hold()
    // A waiting request would take longer than the test does.
    const servers = [server(store, { deadline: 20 }), server(store, { deadline: 20 })]
    const all = servers.map(async (one) => one.verify(token, { maxAge: 0 }))
    await until(() => held.waiting.length === 2, 'both introspection requests')
    held.release()
    expect(await Promise.all(all)).toHaveLength(2)
  })
})
