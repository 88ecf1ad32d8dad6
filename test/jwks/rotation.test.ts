import { createResourceServer, type JsonWebKeySet } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSigningKey, createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { createLog, send, tally, until } from '../support/upstream/requests.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('ten rotations under 200 concurrent readers', () => {
  it('refuse no request', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, jwksCache: { maxAge: 5, cooldown: 1 } },
    })
    const respond = issuer.onKeys
    issuer.onKeys = (request, response) => {
      setTimeout(respond, Math.random() * 20, request, response)
    }
    const tokens = [await issuer.sign()]
    await server.ready()
    let running = true
    const rounds = Array.from({ length: 200 }, () => 0)
    const read = async (reader: number) => {
      const outcomes = []
      while (running) {
        // The newest token, or the previous one: its key stays published for one more rotation.
        const token = tokens.at(-1 - (rounds[reader]! % 2)) ?? tokens[0]!
        outcomes.push(await send(server, token))
        rounds[reader]!++
        await sleep(Math.random() * 5)
      }
      return outcomes
    }
    const readers = rounds.map((_, reader) => read(reader))
    for (let rotation = 1; rotation <= 10; rotation++) {
      await issuer.rotate({ keepOld: true })
      issuer.keys = issuer.keys.slice(-2)
      const token = await issuer.sign()
      clock.advance(1.1)
      tokens.push(token)
      const seen = [...rounds]
      await until(() => rounds.every((count, reader) => count >= seen[reader]! + 4), 'four more rounds of each reader')
    }
    running = false
    const outcomes = (await Promise.all(readers)).flat()
    expect(tally(outcomes)).toEqual({ 200: outcomes.length })
    expect(outcomes.length).toBeGreaterThan(8000)
    // Eleven keys, one load each, plus background refreshes.
    expect(issuer.hits.keys).toBeGreaterThanOrEqual(11)
    expect(issuer.hits.keys).toBeLessThanOrEqual(25)
  })
})

describe('a key that is withdrawn', () => {
  it('stops working after the next refresh, also for tokens verified before', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    const old = await issuer.sign()
    expect((await send(server, old)).status).toBe(200)
    const next = await issuer.sign({}, {}, await issuer.rotate())
    clock.advance(500)
    await send(server, old)
    await until(() => server.state().issuers[0]?.keys.age === 0, 'the refresh')
    expect(await send(server, old)).toMatchObject({ status: 401, reason: 'unknown_key' })
    expect((await send(server, next)).status).toBe(200)
  })

  it('is removed even if it was the only one in use', async () => {
    const log = createLog()
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, jwksCache: { maxAge: 1 } },
      onEvent: log.onEvent,
    })
    const [first] = issuer.keys
    await server.ready()
    const next = await issuer.rotate()
    clock.advance(0.9)
    await send(server, await issuer.sign({}, {}, first))
    await until(() => log.of('keys').length === 2)
    expect(log.of('keys')[1]).toMatchObject({ added: [next.kid], removed: [first?.kid], total: 1 })
  })
})

describe('a new key with the same kid', () => {
  const replace = async () => {
    const [old] = issuer.keys
    issuer.keys = [await createSigningKey('ES256', old?.kid)]
    return old
  }

  it('is noticed at the first token it signs', async () => {
    const log = createLog()
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url, onEvent: log.onEvent })
    await server.ready()
    const old = await replace()
    const token = await issuer.sign()
    expect(tally(await Promise.all(Array.from({ length: 200 }, () => send(server, token))))).toEqual({ 200: 200 })
    expect(await send(server, await issuer.sign({}, {}, old))).toMatchObject({ status: 401, reason: 'signature' })
    expect(issuer.hits.keys).toBe(2)
    expect(log.of('keys')).toHaveLength(2)
  })

  it('is noticed after the cooldown, if one has started', async () => {
    const server = createResourceServer({ resource: RESOURCE, issuer: issuer.url })
    await server.ready()
    expect((await send(server, await issuer.sign({}, { kid: 'x' }))).status).toBe(401)
    await replace()
    expect((await send(server, await issuer.sign())).status).toBe(401)
    clock.advance(31)
    expect((await send(server, await issuer.sign())).status).toBe(200)
  })
})

describe('an older response never overwrites a newer one', () => {
  it('a load that outlives its deadline is ignored, whatever it returns later', async () => {
    const [old] = issuer.keys
    const oldSet = { keys: [old?.jwk as Record<string, unknown>] }
    const newKey = await issuer.rotate()
    const newSet = { keys: [newKey.jwk as Record<string, unknown>] }
    let finishFirst = (_set: JsonWebKeySet) => undefined as unknown
    let loads = 0
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: issuer.url,
        deadline: 0.2,
        keys: {
          load: () => {
            if (++loads > 1) return newSet
            return new Promise<JsonWebKeySet>((resolve) => {
              finishFirst = resolve
            })
          },
        },
      },
    })
    const token = await issuer.sign({}, {}, newKey)
    expect((await send(server, token)).status).toBe(503)
    clock.advance(2)
    expect((await send(server, token)).status).toBe(200)
    finishFirst(oldSet)
    await sleep(20)
    expect((await send(server, token)).status).toBe(200)
    expect((await send(server, await issuer.sign({}, {}, old))).status).toBe(401)
  })

  it('the same over a socket', async () => {
    const [old] = issuer.keys
    const held: (() => void)[] = []
    issuer.onKeys = (_request, response) => {
      held.push(() => json(response, { keys: [old?.jwk] }))
    }
    const server = createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, deadline: 0.6 } })
    expect((await send(server, await issuer.sign())).status).toBe(503)
    const next = await issuer.rotate()
    issuer.onKeys = (_request, response) => json(response, { keys: [next.jwk] })
    clock.advance(2)
    const token = await issuer.sign()
    expect((await send(server, token)).status).toBe(200)
    for (const release of held) release()
    await sleep(20)
    expect((await send(server, token)).status).toBe(200)
    expect((await send(server, await issuer.sign({}, {}, old))).status).toBe(401)
  })
})
