import { deflateSync } from 'node:zlib'
import { createResourceServer } from 'bearward'
import { statusList } from 'bearward/status-list'
import { afterEach, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { NOW } from '../corpus/kit.ts'
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
      `http://user@127.0.0.1:${port}/statuslists/1`,
      `http://:secret@127.0.0.1:${port}/statuslists/1`,
      `${world.uri}?${'x'.repeat(2048 - world.uri.length)}`, // longer than any is
      [world.uri],
      '//status.example/1',
      `blob:http://127.0.0.1:${port}/statuslists/1`, // its origin is that of the URL in it
      'file:///etc/passwd',
      'data:,x',
      '',
    ]
    for (const uri of uris) expect([uri, await world.outcome(world.tokenAt(0, uri))]).toEqual([uri, 'status'])
    expect([...world.upstream.requests, ...other.requests]).toEqual([])
    await world.outcome(world.tokenAt(0, `${world.uri}?${'x'.repeat(2047 - world.uri.length)}`))
    expect(world.upstream.requests).toHaveLength(1)
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

it.each([
  [
    'has been issued as late as the clock tolerance permits',
    (world: StatusWorld) => world.listToken({ iat: NOW + 30 }),
  ],
  ['expires as early as it permits', (world: StatusWorld) => world.listToken({ exp: NOW - 29 })],
  ['has white space around it', (world: StatusWorld) => `\n${world.listToken()} \r\n`],
  [
    'is as large as a list may be',
    (world: StatusWorld) => {
      const lst = deflateSync(new Uint8Array(2_097_152)).toString('base64url')
      return world.listToken({ status_list: { bits: 1, lst } })
    },
  ],
])('a list that %s is used', async (_, listOf) => {
  const world = await createWorld()
  world.publish(listOf(world))
  expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
})

it('asks for the media type of a Status List Token (§8.1)', async () => {
  const world = await createWorld()
  const accepted: unknown[] = []
  world.upstream.respond = (request, response) => {
    accepted.push(request.headers.accept)
    response.end(world.listToken())
  }
  await world.outcome(world.tokenAt(0))
  expect(accepted).toEqual(['application/statuslist+jwt'])
})

it('lists take 64 MiB at most: the one that was used least recently is fetched again', async () => {
  const world = await createWorld()
  const lst = deflateSync(new Uint8Array(2_000_000)).toString('base64url')
  world.upstream.respond = (request, response) =>
    response.end(world.listToken({ sub: `${world.upstream.url}${request.url}`, status_list: { bits: 1, lst } }))
  const at = (number: number) => world.tokenAt(0, `${world.upstream.url}/${number}`)
  const cached = at(0)
  for (let round = 0; round < 3; round++) expect(await world.outcome(cached)).toBe('allowed')
  for (let number = 1; number < 40; number++) expect(await world.outcome(at(number))).toBe('allowed')
  expect(world.server.state().issuers[0]?.statusLists?.entries).toBe(33)
  for (const token of [at(39), cached]) expect(await world.outcome(token)).toBe('allowed')
  expect(world.upstream.requests.slice(40)).toEqual(['/0'])
})

describe('a cached token', () => {
  it('has the status at its own index', async () => {
    const world = await createWorld()
    world.publish(world.listToken({ status_list: { bits: 1, lst: lstOf(0b1) }, ttl: 1 }))
    const token = world.tokenAt(5)
    for (let round = 0; round < 4; round++) expect(await world.outcome(token)).toBe('allowed')
    const [first, fifth] = [world.tokenAt(0), world.tokenAt(5)]
    for (let round = 0; round < 4; round++)
      expect([await world.outcome(first), await world.outcome(fifth)]).toEqual(['status', 'allowed'])
  })

  it.each([
    ['with a status', (world: StatusWorld) => world.tokenAt(0)],
    ['without one', (world: StatusWorld) => world.tokenWith(undefined)],
  ])('%s is decided in the same turn', async (_, tokenOf) => {
    const world = await createWorld()
    const token = tokenOf(world)
    for (let round = 0; round < 3; round++) expect(await world.outcome(token)).toBe('allowed')
    const decision = world.server.decide(requestWith(token), world.server.guards())
    expect(decision).toMatchObject({ allowed: true })
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

  it('is verified with the key that its server has just begun to use (K4)', async () => {
    const other = await createUpstreamServer()
    let keys = keySetOf(kit.signers.ES256)
    other.respond = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys))
    const world = await createWorld({ keys: `${other.url}/keys`, origins: [other.url] })
    expect(await world.outcome(world.tokenAt(0))).toBe('allowed')
    keys = keySetOf(kit.strict)
    const uri = `${world.upstream.url}/statuslists/2`
    world.upstream.respond = (_request, response) => response.end(world.listToken({ sub: uri }, {}, kit.strict))
    expect(await world.outcome(world.tokenAt(0, uri))).toBe('allowed')
    await other.stop()
  })

  it('names what is wrong with keys of its own, and why they cannot be loaded', async () => {
    const wrong = () => createStatusWorld({ keys: { keys: [] } })
    await expect(wrong()).rejects.toThrow('statusList.keys')
    const other = await createUpstreamServer()
    const world = await createWorld({ keys: `${other.url}/keys` })
    expect(await world.outcome(world.tokenAt(0))).toBe('status_unavailable')
    const lastError = world.server.state().issuers[0]?.statusLists?.lastError
    expect(lastError?.message).toContain('cannot be verified (keys_unavailable)')
    expect(String(lastError?.cause)).toContain(`${other.url}/keys: responded with status 404`)
    await other.stop()
  })

  it('has no cause where its own content is the problem', async () => {
    const world = await createWorld()
    world.publish('')
    await world.outcome(world.tokenAt(0))
    const lastError = world.server.state().issuers[0]?.statusLists?.lastError
    expect(lastError?.message).toContain('is not a signed JWT')
    expect(Object.hasOwn(lastError ?? {}, 'cause')).toBe(false)
  })
})

describe('a list that is not valid is 503 for every token, and the problem is named', () => {
  const bomb = deflateSync(new Uint8Array(30_000_000)).toString('base64url')
  const listed = (world: StatusWorld, bits: unknown, lst: unknown) => world.listToken({ status_list: { bits, lst } })
  const cases: Record<string, [problem: string, listOf: (world: StatusWorld) => string]> = {
    'is signed by someone else': ['cannot be verified (unknown_key)', (world) => world.listToken({}, {}, kit.attacker)],
    'has the typ of an access token': ['has another typ', (world) => world.listToken({}, { typ: 'at+jwt' })],
    'has no typ': ['has another typ', (world) => world.listToken({}, { typ: undefined })],
    'is another list of the issuer': [
      'is for another uri',
      (world) => world.listToken({ sub: `${world.upstream.url}/statuslists/2` }),
    ],
    'has no sub': ['is for another uri', (world) => world.listToken({ sub: undefined })],
    'has no iat': ['has a wrong iat', (world) => world.listToken({ iat: undefined })],
    'has its exp as a string': ['has a wrong iat', (world) => world.listToken({ exp: String(NOW + 100) })],
    'has a negative ttl': ['has a wrong iat', (world) => world.listToken({ ttl: -1 })],
    'has a ttl of 0': ['has a wrong iat', (world) => world.listToken({ ttl: 0 })],
    'has just expired': ['has expired', (world) => world.listToken({ exp: NOW - 30 })],
    'was issued in the future': ['was issued in the future', (world) => world.listToken({ iat: NOW + 31 })],
    'has 3 bits': ['has no status_list with bits and lst', (world) => listed(world, 3, lstOf(0))],
    'has bits as a string': ['has no status_list with bits and lst', (world) => listed(world, '1', lstOf(0))],
    'has a number as its lst': ['has no status_list with bits and lst', (world) => listed(world, 1, 0)],
    'has no list': ['has no status_list with bits and lst', (world) => world.listToken({ status_list: undefined })],
    'is not base64url': ['is not base64url', (world) => listed(world, 1, 'eNr+')],
    'is not compressed': ['is not compressed with DEFLATE', (world) => listed(world, 1, 'AAAA')],
    'is cut off': ['is not co', (world) => listed(world, 1, lstOf(0, 0, 0).slice(0, 8))],
    'is cut off in its header': ['is not co', (world) => listed(world, 1, Buffer.of(0x78).toString('base64url'))],
    'is cut off in its checksum': ['is not co', (world) => listed(world, 1, lstOf(0, 0, 0).slice(0, -1))],
    'is 30 MB after decompression': ['is larger than 2097152 bytes', (world) => listed(world, 1, bomb)],
    'is larger than any list can be': ['is larger than 4194304 bytes', () => 'x'.repeat(5_000_000)],
    'is a page': ['is not a signed JWT', () => '<!doctype html>'],
    'is empty': ['is not a signed JWT', () => ''],
  }
  it.each(Object.entries(cases))('%s', async (_, [problem, listOf]) => {
    const world = await createWorld()
    world.publish(listOf(world))
    expect(await world.outcome(world.tokenAt(0))).toBe('status_unavailable')
    expect(world.log.of('fetch').at(-1)).toMatchObject({ target: 'status', outcome: 'failed' })
    const lastError = world.server.state().issuers[0]?.statusLists?.lastError
    expect(lastError?.message).toContain(problem)
    expect(lastError?.code).toBe(problem.startsWith('is larger') ? 'too_large' : 'shape')
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
    for (const issuer of ['urn:issuer', 'orders'])
      expect(create({ issuer, keys: keySetOf(kit.strict), statusList: statuses })).toThrow(
        'statusList.origins is missing: the issuer has no https origin',
      )
    expect(create({ issuer: 'https://as.example', statusList: {} })).toThrow('bearward/status-list')
  })
})
