import { createResourceServer, type TokenEnd } from 'bearward'
import { type StatusListOptions, statusList } from 'bearward/status-list'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { requestWith, send, until } from '../support/upstream/requests.ts'
import { createStatusWorld, kit, lstOf, type StatusWorld } from './kit.ts'

/** A server whose issuers are resolved, two at most, and the status lists of one of them. */
async function startTenants() {
  const world = await createStatusWorld()
  const others = ['https://one.example', 'https://two.example']
  const clock = { now: NOW }
  const refused = new Set<string>()
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      allow: { has: (issuer) => [world.upstream.url, ...others].includes(issuer) && !refused.has(issuer) },
      resolve: () => ({ keys: keySetOf(kit.signers.ES256), statusList: statusList(), deadline: 1 }),
      alive: 2,
    },
    clock: () => clock.now,
  })
  onTestFinished(async () => {
    server.close()
    await world.stop()
  })
  return {
    world,
    server,
    clock,
    refused,
    revoke: () => world.publish(world.listToken({ status_list: { bits: 1, lst: lstOf(0b1) } })),
    async evict() {
      for (const iss of others) await server.authenticate(requestWith(kit.token({ claims: kit.claims({ iss }) })))
      const loaded = server.state().issuers.map(({ issuer }) => issuer)
      expect(loaded.sort()).toEqual(others)
    },
  }
}

it('a request that is decided again has the status of its token checked, also if its issuer was evicted meanwhile (SPEC N4, R9, M4)', async () => {
  const { world, server, evict, revoke } = await startTenants()
  const request = requestWith(world.tokenAt(0))
  await server.authenticate(request)
  await evict()
  revoke()
  await expect(server.authenticate(request)).rejects.toMatchObject({ reason: 'status' })
})

describe('the pause after a list could not be loaded', () => {
  const time = useMonotonicClock()

  it('outlives an issuer that is evicted, so that not every request is one to the server of the list (N4, M4)', async () => {
    const { world, server, evict } = await startTenants()
    const { respond } = world.upstream
    world.upstream.respond = (_request, response) => response.writeHead(500).end()
    for (let round = 0; round < 5; round++) {
      expect(await send(server, world.tokenAt(0))).toMatchObject({ status: 503, reason: 'status_unavailable' })
      await evict()
    }
    expect(world.upstream.requests).toHaveLength(1)
    world.upstream.respond = respond
    time.advance(60)
    expect(await send(server, world.tokenAt(0))).toMatchObject({ status: 200 })
  })
})

it('a list that one issuer cannot load does not pause its other lists, nor the same list of another issuer (N4)', async () => {
  const world = await createStatusWorld()
  onTestFinished(() => world.stop())
  const { url } = world.upstream
  expect(await world.outcome(world.tokenAt(0, `${url}/statuslists/2`))).toBe('status_unavailable')
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')

  const lists = statusList({ origins: [url] })
  const issuer = [
    { issuer: 'https://other.example', keys: keySetOf(kit.attacker), statusList: lists },
    { issuer: url, keys: keySetOf(kit.signers.ES256), statusList: lists },
  ]
  const server = createResourceServer({ resource: RESOURCE, issuer, clock: () => NOW })
  onTestFinished(() => server.close())
  const status = { status_list: { idx: 0, uri: world.uri } }
  const claims = kit.claims({ iss: 'https://other.example', status })
  // The list is not signed by that issuer.
  const refused = await send(server, kit.token({ claims, signer: kit.attacker, header: kit.header({}, kit.attacker) }))
  expect(refused).toMatchObject({ status: 503, reason: 'status_unavailable' })
  expect(await send(server, world.tokenAt(0))).toMatchObject({ status: 200 })
})

describe('an issuer that is resolved again', () => {
  const time = useMonotonicClock()

  it.each<[string, number, (count: number) => StatusListOptions]>([
    ['keeps its lists with the same options', 1, () => ({ keys: keySetOf(kit.signers.ES256), maxAge: 1000 })],
    ['loads them again with others', 3, (count) => ({ maxAge: 1000 + count })],
  ])('%s', async (_, requests, options) => {
    const world = await createStatusWorld()
    onTestFinished(() => world.stop())
    let count = 0
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        allow: [world.upstream.url],
        resolve: () => ({ keys: keySetOf(kit.signers.ES256), statusList: statusList(options(count++)) }),
        maxAge: 10,
      },
      clock: () => NOW,
    })
    for (let round = 0; round < 3; round++) {
      await server.authenticate(requestWith(world.tokenAt(0)))
      time.advance(11)
    }
    expect([count, world.upstream.requests.length]).toEqual([3, requests])
    server.close()
  })
})

describe('a token whose issuer was evicted since it was verified, and that is watched then (N3c, M4)', () => {
  async function watchEvicted(token: (world: StatusWorld) => string) {
    const tenants = await startTenants()
    const { world, server, evict } = tenants
    const verified = await server.verify(token(world))
    await evict()
    const ends: TokenEnd[] = []
    return { ...tenants, ends, watch: () => server.watch(verified, (why) => void ends.push(why)) }
  }

  it('ends when its status changes', async () => {
    const { ends, revoke, watch } = await watchEvicted((world) => world.tokenAt(0))
    revoke()
    watch()
    await until(() => ends.length > 0)
    expect(ends).toEqual(['revoked'])
  })

  it.each([
    ['plus the clock tolerance', true, 30],
    ['if its issuer is not trusted any more', false, 0],
  ])('ends at exp %s', async (_, isTrusted, tolerance) => {
    const { ends, clock, watch, refused, world } = await watchEvicted((world) =>
      world.tokenWith(undefined, { exp: NOW + 1 }),
    )
    if (!isTrusted) refused.add(world.upstream.url)
    clock.now = NOW + tolerance + 0.9
    watch()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(ends).toEqual([])
    clock.now = NOW + tolerance + 1
    await until(() => ends.length > 0)
    expect(ends).toEqual(['expired'])
  })
})
