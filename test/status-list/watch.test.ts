import { createResourceServer, type TokenEnd } from 'bearward'
import { statusList } from 'bearward/status-list'
import { afterEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createRevokingServer } from '../revocation/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, until } from '../support/upstream/requests.ts'
import { createStatusWorld, kit, lstOf, type StatusWorld } from './kit.ts'

// Open connections end when the status of their token changes (N3c, N4), within the lifetime of the list.

const time = useMonotonicClock()
let world: StatusWorld
afterEach(() => world.stop())

const REVOKED = { status_list: { bits: 1, lst: lstOf(0b11) } }

function pass(seconds: number): void {
  world.clock.now += seconds
  time.advance(seconds)
}

async function watching(token = world.tokenAt(0)) {
  const ends: TokenEnd[] = []
  const verified = await world.server.verify(token)
  const watch = world.server.watch(verified, (why) => void ends.push(why))
  /** All watches are checked each second, and often while one is about to expire, as long as no time passes. */
  async function check() {
    const expiresAt = world.clock.now - 29.99
    world.server.watch({ ...verified, format: 'opaque', expiresAt } as typeof verified, () => undefined)
    await turn()
  }
  await check()
  return { ends, watch, check }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 50))
const requests = () => world.upstream.requests.length

describe('a watched token with a status', () => {
  it('ends with the list that revokes it, and no request with it is needed', async () => {
    world = await createStatusWorld()
    world.publish(world.listToken({ ttl: 100 }))
    const [one, without] = [await watching(), await watching(world.tokenWith(undefined))]
    world.publish(world.listToken({ ttl: 100, ...REVOKED }))
    pass(69)
    await one.check()
    expect([one.ends, requests()]).toEqual([[], 1])
    pass(12)
    await one.check()
    await until(() => world.log.of('fetch').length === 2)
    await one.check()
    await until(() => one.ends.length > 0)
    expect([one.ends, without.ends, requests()]).toEqual([['revoked'], [], 2])
  })

  it('ends if its list has passed its lifetime: it is loaded', async () => {
    world = await createStatusWorld()
    world.publish(world.listToken({ ttl: 100 }))
    const { ends, check } = await watching()
    world.publish(world.listToken(REVOKED))
    pass(101)
    await check()
    await until(() => ends.length > 0)
    expect([ends, requests()]).toEqual([['revoked'], 2])
  })

  it('does not end in an outage of the list, and ends after it', async () => {
    world = await createStatusWorld({}, { jwksCache: { staleIfError: 10, backoff: 10, maxBackoff: 10 } })
    world.publish(world.listToken({ ttl: 100 }))
    const { ends, check } = await watching()
    world.upstream.respond = (_request, response) => response.writeHead(500).end()
    pass(111)
    await check()
    await until(() => requests() === 2)
    expect([ends, world.server.state().issuers[0]?.statusLists]).toMatchObject([[], { entries: 1, stale: 1 }])
    world.publish(world.listToken(REVOKED))
    pass(12)
    await check()
    await until(() => ends.length > 0)
    expect(ends).toEqual(['revoked'])
  })

  it('that is stopped while its list is loaded does not end', async () => {
    world = await createStatusWorld()
    world.publish(world.listToken({ ttl: 100 }))
    const { ends, watch, check } = await watching()
    const other = await watching()
    let respond = () => {}
    world.upstream.respond = (_request, response) => {
      respond = () => response.end(world.listToken(REVOKED))
    }
    pass(101)
    await check()
    await until(() => requests() === 2)
    watch.stop()
    respond()
    await until(() => other.ends.length > 0)
    expect(ends).toEqual([])
  })

  it('causes a request every ten seconds, not every second, if its list cannot be loaded', async () => {
    world = await createStatusWorld({}, { jwksCache: { staleIfError: 0, backoff: 0.001, maxBackoff: 0.001 } })
    world.publish(world.listToken({ ttl: 100 }))
    const { ends, check } = await watching()
    world.upstream.respond = (_request, response) => response.writeHead(500).end()
    pass(101)
    for (let second = 0; second < 9; second++) {
      await check()
      pass(1)
    }
    expect([ends, requests()]).toEqual([[], 2])
    pass(10)
    await check()
    expect([ends, requests()]).toEqual([[], 3])
  })
})

it('the tokens of an issuer that is resolved at run time end as well, and are decided again (R9)', async () => {
  world = await createStatusWorld()
  const options = { keys: keySetOf(kit.signers.ES256), statusList: statusList() }
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { allow: [world.upstream.url], resolve: () => options },
    clock: () => world.clock.now,
  })
  world.publish(world.listToken({ ttl: 100 }))
  const request = requestWith(world.tokenAt(0))
  const ends: TokenEnd[] = []
  server.watch(await server.authenticate(request), (why) => void ends.push(why))
  world.publish(world.listToken(REVOKED))
  pass(101)
  await expect(server.authenticate(request)).rejects.toMatchObject({ reason: 'status' })
  await until(() => ends.length > 0)
  expect(ends).toEqual(['revoked'])
  server.close()
})

it('state() reports the lists of an issuer, and nothing without the option', async () => {
  world = await createStatusWorld()
  world.publish(world.listToken({ ttl: 100 }))
  const lists = () => world.server.state().issuers[0]?.statusLists
  expect(lists()).toEqual({ entries: 0, stale: 0, lastError: undefined })
  await world.outcome(world.tokenAt(0))
  await world.outcome(world.tokenAt(0, `${world.upstream.url}/statuslists/none`))
  expect(lists()).toMatchObject({ entries: 2, stale: 1, lastError: { code: 'status', status: 404 } })
  pass(101)
  expect(lists()).toMatchObject({ entries: 2, stale: 2 })
  const { server } = createRevokingServer()
  expect(server.state().issuers[0]).toHaveProperty('statusLists', undefined)
})
