import { deflateSync } from 'node:zlib'
import { createResourceServer } from 'bearward'
import { statusList } from 'bearward/status-list'
import { afterEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { requestWith } from '../support/upstream/requests.ts'
import { createUpstreamServer } from '../support/upstream/server.ts'
import { createStatusWorld, kit, lstOf, type StatusWorld } from './kit.ts'
import { VECTORS } from './vectors.ts'

// Token Status Lists (N4, draft-ietf-oauth-status-list-21).

const worlds: StatusWorld[] = []
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()))
})
const createWorld: typeof createStatusWorld = async (...options) => {
  const world = await createStatusWorld(...options)
  worlds.push(world)
  return world
}

describe.each(Object.entries(VECTORS))('the test vector %s', (_, { bits, lst, size, statuses }) => {
  it('is read as published', async () => {
    const world = await createWorld()
    world.publish(world.listToken({ status_list: { bits, lst } }))
    for (const [index, status] of Object.entries(statuses)) {
      const at = Number(index)
      expect([at, await world.outcome(world.tokenAt(at))]).toEqual([at, status === 0 ? 'allowed' : 'status'])
      const next = at + 1
      if (!(next in statuses) && next < size) expect(await world.outcome(world.tokenAt(next))).toBe('allowed')
    }
    expect(await world.outcome(world.tokenAt(size))).toBe('status')
    expect(world.upstream.requests).toEqual(['/statuslists/1'])
  })
})

it('reads lists of 4 and 8 bits, from the least significant bit (§4)', async () => {
  const world = await createWorld()
  world.publish(world.listToken({ status_list: { bits: 4, lst: lstOf(0xf0) } }))
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
  expect(await world.outcome(world.tokenAt(1))).toBe('status')
  const other = await createWorld()
  other.publish(other.listToken({ status_list: { bits: 8, lst: lstOf(0, 0x80) } }))
  expect(await other.outcome(other.tokenAt(0))).toBe('allowed')
  expect(await other.outcome(other.tokenAt(1))).toBe('status')
})

describe('the claim status', () => {
  it('is not needed: other tokens cause no request', async () => {
    const world = await createWorld()
    expect(await world.outcome(world.tokenWith(undefined))).toBe('allowed')
    expect(world.upstream.requests).toEqual([])
  })

  it.each([
    ['null', null],
    ['a string', 'active'],
    ['empty', {}],
    ['of another kind', { identifier_list: { id: '1', uri: 'https://status.example' } }],
    ['a list', [{ idx: 0 }]],
  ])('is 401 without a fetch if it is %s', async (_, status) => {
    const world = await createWorld()
    expect(await world.outcome(world.tokenWith(status))).toBe('status')
    expect(world.upstream.requests).toEqual([])
  })

  it.each([-1, 0.5, '0', null, undefined, 1e300, 2 ** 53])('is 401 with the index %s', async (idx) => {
    const world = await createWorld()
    expect(await world.outcome(world.tokenAt(idx))).toBe('status')
  })

  it.each([8, 2 ** 31, 2 ** 32, 2 ** 32 + 8, 2 ** 50])(
    'is 401 with the index %s, which is out of range (§8.3)',
    async (idx) => {
      const world = await createWorld()
      expect(await world.outcome(world.tokenAt(idx))).toBe('status')
    },
  )

  it('is 401 without a fetch if the list is anywhere else than at the issuer (RFC 8725 §3.10)', async () => {
    const world = await createWorld()
    const other = await createUpstreamServer()
    const port = new URL(world.upstream.url).port
    const uris = [
      `${other.url}/statuslists/1`,
      `http://localhost:${port}/statuslists/1`,
      `https://127.0.0.1:${port}/statuslists/1`,
      `http://127.0.0.1:${port}@${other.url.slice(7)}/statuslists/1`,
      `http://user:secret@127.0.0.1:${port}/statuslists/1`,
      '//status.example/1',
      `blob:http://127.0.0.1:${port}/statuslists/1`, // its origin is that of the URL in it
      'file:///etc/passwd',
      'data:,x',
      '',
    ]
    for (const uri of uris) expect([uri, await world.outcome(world.tokenAt(0, uri))]).toEqual([uri, 'status'])
    expect([...world.upstream.requests, ...other.requests]).toEqual([])
    await other.stop()
  })

  it('of a token that is not genuine causes no fetch (J6)', async () => {
    const world = await createWorld()
    const status = { status_list: { idx: 0, uri: world.uri } }
    const claims = kit.claims({ iss: world.upstream.url, status })
    expect(await world.outcome(kit.token({ claims, header: kit.header(), signer: kit.attacker }))).toBe('signature')
    expect(await world.outcome(world.tokenWith(status, { exp: world.clock.now - 100 }))).toBe('expired')
    expect(world.upstream.requests).toEqual([])
  })
})

describe('a list elsewhere', () => {
  it('is fetched from an origin in the options', async () => {
    const other = await createUpstreamServer()
    const world = await createWorld({ origins: [other.url] })
    const uri = `${other.url}/list`
    other.respond = (_request, response) => response.end(world.listToken({ sub: uri }))
    expect(await world.outcome(world.tokenAt(0, uri))).toBe('allowed')
    expect(await world.outcome(world.tokenAt(1, uri))).toBe('status')
    await other.stop()
  })

  it('may have keys of its own, and then those of the issuer do not count', async () => {
    const world = await createWorld({ keys: keySetOf(kit.strict) })
    expect(await world.outcome(world.tokenAt(0))).toBe('status_unavailable')
    const other = await createWorld({ keys: keySetOf(kit.strict) })
    other.publish(other.listToken({}, {}, kit.strict))
    expect(await other.outcome(other.tokenAt(0))).toBe('allowed')
  })
})

describe('a list that is not valid is 503 for every token', () => {
  const bomb = deflateSync(new Uint8Array(30_000_000)).toString('base64url')
  const cases: Record<string, (world: StatusWorld) => string> = {
    'is signed by someone else': (world) => world.listToken({}, {}, kit.attacker),
    'has the typ of an access token': (world) => world.listToken({}, { typ: 'at+jwt' }),
    'has no typ': (world) => world.listToken({}, { typ: undefined }),
    'is another list of the issuer': (world) => world.listToken({ sub: `${world.upstream.url}/statuslists/2` }),
    'has no sub': (world) => world.listToken({ sub: undefined }),
    'has no iat': (world) => world.listToken({ iat: undefined }),
    'has expired': (world) => world.listToken({ exp: world.clock.now - 31 }),
    'was issued in the future': (world) => world.listToken({ iat: world.clock.now + 31 }),
    'has a wrong ttl': (world) => world.listToken({ ttl: -1 }),
    'has 3 bits': (world) => world.listToken({ status_list: { bits: 3, lst: lstOf(0) } }),
    'has bits as a string': (world) => world.listToken({ status_list: { bits: '1', lst: lstOf(0) } }),
    'has no list': (world) => world.listToken({ status_list: undefined }),
    'is not base64url': (world) => world.listToken({ status_list: { bits: 1, lst: 'eNr+' } }),
    'is not compressed': (world) => world.listToken({ status_list: { bits: 1, lst: 'AAAA' } }),
    'is cut off': (world) => world.listToken({ status_list: { bits: 1, lst: lstOf(0, 0, 0).slice(0, 8) } }),
    'is cut off in its header': (world) =>
      world.listToken({ status_list: { bits: 1, lst: lstOf(0, 0, 0).slice(0, 3) } }),
    'is cut off in its checksum': (world) =>
      world.listToken({ status_list: { bits: 1, lst: lstOf(0, 0, 0).slice(0, -1) } }),
    'is 30 MB after decompression': (world) => world.listToken({ status_list: { bits: 1, lst: bomb } }),
    'is larger than any list can be': () => 'x'.repeat(5_000_000),
    'is a page': () => '<!doctype html>',
    'is empty': () => '',
  }
  it.each(Object.entries(cases))('%s', async (_, listOf) => {
    const world = await createWorld()
    world.publish(listOf(world))
    expect(await world.outcome(world.tokenAt(0))).toBe('status_unavailable')
    expect(world.log.of('fetch').at(-1)).toMatchObject({ target: 'status', outcome: 'failed' })
    // Failures have a pause: the next token causes no request.
    expect(await world.outcome(world.tokenAt(1))).toBe('status_unavailable')
    expect(world.upstream.requests).toHaveLength(1)
  })

  it('is behind a redirect, which is not followed', async () => {
    const world = await createWorld()
    world.upstream.respond = (_request, response) => response.writeHead(302, { location: '/statuslists/2' }).end()
    expect(await world.outcome(world.tokenAt(0))).toBe('status_unavailable')
    expect(world.upstream.requests).toEqual(['/statuslists/1'])
  })
})

it('is fetched once for any number of tokens that need it (K2)', async () => {
  const world = await createWorld()
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, index) => world.outcome(world.tokenAt(index % 2 === 0 ? 0 : 1))),
  )
  expect([...new Set(outcomes)].sort()).toEqual(['allowed', 'status'])
  expect(world.upstream.requests).toHaveLength(1)
})

it('is checked again for a request object that was permitted (R9)', async () => {
  const world = await createWorld()
  world.publish(world.listToken({ exp: world.clock.now + 60 }))
  const request = requestWith(world.tokenAt(0))
  await world.server.authenticate(request, [])
  world.publish(world.listToken({ status_list: { bits: 1, lst: lstOf(1) }, iat: world.clock.now + 90 }))
  world.clock.now += 100
  await expect(world.server.authenticate(request, [])).rejects.toMatchObject({ reason: 'status' })
})

describe('the option', () => {
  const create = (issuer: object) => () =>
    createResourceServer({ resource: 'https://api.example.com', issuer } as never)

  it.each([
    [{ origins: ['http://status.example.com'] }, 'statusList.origins[0]'],
    [{ origins: ['https://status.example.com/lists'] }, 'statusList.origins[0]'],
    [{ origins: [] }, 'statusList.origins'],
    [{ keys: 'http://status.example.com/jwks' }, 'statusList.keys'],
    [{ maxAge: 0 }, 'statusList.maxAge'],
    [{ origin: 'https://status.example.com' }, 'statusList.origin'],
  ])('%j is refused', (options, option) => {
    expect(() => statusList(options as never)).toThrow(option)
  })

  it('needs JWTs that are verified here, and an origin', () => {
    const statuses = statusList()
    const introspection = {
      endpoint: 'https://as.example/i',
      client: { method: 'client_secret_basic', clientId: 'a', clientSecret: 'b' },
    }
    expect(create({ issuer: 'https://as.example', keys: null, introspection, statusList: statuses })).toThrow(
      'keys is null',
    )
    expect(create({ issuer: 'urn:issuer', keys: keySetOf(kit.strict), statusList: statuses })).toThrow('origins')
    expect(create({ issuer: 'https://as.example', statusList: {} })).toThrow('bearward/status-list')
  })
})
