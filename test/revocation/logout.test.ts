import { revocation } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { createRevokingServer, kit, tokenWith } from './kit.ts'
import { CLIENT, logoutToken } from './logout-tokens.ts'
import { createSharedStore, join } from './shared-store.ts'

// What a logout token revokes (N3a).

const contentOf = (body: unknown) => ({
  authorization: [],
  contentType: 'application/x-www-form-urlencoded',
  body: async () => body as string,
})

function start(clients: Parameters<typeof revocation>[0] = { logout: { clients: CLIENT } }, options = {}) {
  const parts = createRevokingServer(options, clients)
  const { backchannelLogout } = parts.revoked
  return {
    ...parts,
    post: async (token: string) =>
      (await backchannelLogout.respond('POST', '/', contentOf(`logout_token=${token}`)))?.status,
    endpoint: backchannelLogout,
  }
}

describe('a logout token', () => {
  it('with sub and sid: tokens with a sid by that, others by sub and iat', async () => {
    const { post, outcome, revoked } = start()
    expect(await post(logoutToken({ sid: 's-1', iat: NOW - 5 }))).toBe(200)
    expect(await revoked.list()).toMatchObject([{ issuer: ISSUER, sid: 's-1', sub: 'user-1', before: NOW - 5 }])
    // Regardless of iat: the session is over.
    expect(await outcome(tokenWith({ sid: 's-1', iat: NOW }))).toBe('revoked')
    expect(await outcome(tokenWith({ sid: 's-1', sub: 'other' }))).toBe('revoked')
    // The same user on another device.
    expect(await outcome(tokenWith({ sid: 's-2', iat: NOW - 10 }))).toBe('allowed')
    expect(await outcome(tokenWith({ iat: NOW - 5 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW - 4 }))).toBe('allowed')
    expect(await outcome(tokenWith({ iat: undefined }))).toBe('revoked')
  })

  it.each([[''], [null], [7]])(
    'with sub and sid: tokens with the sid %s have none that names a session',
    async (sid) => {
      const { post, outcome } = start()
      expect(await post(logoutToken({ sid: 's-1', iat: NOW - 5 }))).toBe(200)
      expect(await outcome(tokenWith({ sid, iat: NOW - 5 }))).toBe('revoked')
      expect(await outcome(tokenWith({ sid, iat: NOW - 4 }))).toBe('allowed')
    },
  )

  it('with sid alone: only tokens that have it', async () => {
    const { post, outcome } = start()
    expect(await post(logoutToken({ sub: undefined, sid: 's-1', iat: NOW - 5 }))).toBe(200)
    expect(await outcome(tokenWith({ sid: 's-1', iat: NOW }))).toBe('revoked')
    expect(await outcome(tokenWith())).toBe('allowed')
  })

  it('with sub alone: every token of the user issued up to then', async () => {
    const { post, outcome } = start()
    expect(await post(logoutToken({ iat: NOW - 5 }))).toBe(200)
    expect(await outcome(tokenWith({ sid: 's-2', iat: NOW - 5 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW - 4 }))).toBe('allowed')
  })

  it.each([['logout+jwt'], ['application/logout+jwt'], ['JWT'], [undefined]])('may have typ %s', async (typ) => {
    expect(await start().post(logoutToken({}, { typ }))).toBe(200)
  })

  it('may be for several recipients', async () => {
    expect(await start().post(logoutToken({ aud: ['other', CLIENT] }))).toBe(200)
  })

  it('that is repeated changes nothing', async () => {
    const { post, revoked } = start()
    for (const token of [logoutToken(), logoutToken({ sid: 's-1' }), logoutToken({ sub: undefined, sid: 's-1' })]) {
      await post(token)
      const before = await revoked.list()
      expect(await post(token)).toBe(200)
      expect(await revoked.list()).toEqual(before)
    }
  })

  it('that is sent many times at once adds one entry, to a shared store as well', async () => {
    const shared = createSharedStore()
    const { revoked } = join(shared, { logout: { clients: CLIENT } })
    const content = contentOf(`logout_token=${logoutToken()}`)
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => revoked.backchannelLogout.respond('POST', '/', content)),
    )
    expect(new Set(responses.map((response) => response?.status))).toEqual(new Set([200]))
    expect(shared.records).toHaveLength(1)
  })

  it('is verified by the server that can, whichever comes first', async () => {
    const revoked = revocation({ logout: { clients: CLIENT } })
    const broken = { issuer: { issuer: ISSUER, keys: { load: () => Promise.reject(new Error('down')) } } }
    createRevokingServer(broken, revoked)
    createRevokingServer({}, revoked)
    const content = contentOf(`logout_token=${logoutToken()}`)
    expect((await revoked.backchannelLogout.respond('POST', '/', content))?.status).toBe(200)
    const alone = revocation({ logout: { clients: CLIENT } })
    createRevokingServer(broken, alone)
    expect((await alone.backchannelLogout.respond('POST', '/', content))?.status).toBe(503)
  })

  it('of a session that was signed out before lasts from now on', async () => {
    const { post, revoked, clock } = start()
    await post(logoutToken({ sub: undefined, sid: 's-1' }))
    clock.now = NOW + 3600
    await post(logoutToken({ sub: undefined, sid: 's-1', iat: NOW + 3600, exp: NOW + 3700 }))
    expect((await revoked.list()).map(({ revokedAt }) => revokedAt)).toEqual([NOW, NOW + 3600])
  })

  it('is signed with an algorithm that is accepted for its issuer, whatever its key set permits (RFC 8725 §3.1)', async () => {
    const keys = keySetOf(kit.signers.ES256, kit.signers.RS256)
    const token = logoutToken({}, {}, kit.signers.RS256)
    const narrow = start(undefined, { issuer: { issuer: ISSUER, keys, algorithms: ['ES256'] } })
    expect(await narrow.post(token)).toBe(400)
    expect(await narrow.revoked.list()).toEqual([])
    expect(await start(undefined, { issuer: { issuer: ISSUER, keys } }).post(token)).toBe(200)
  })

  it('is for the clients of its issuer', async () => {
    const other = 'https://other.example'
    const issuer = [ISSUER, other].map((one) => ({ issuer: one, keys: keySetOf(kit.signers.ES256) }))
    const byIssuer = start({ logout: { clients: { [ISSUER]: [CLIENT], [other]: 'another' } } }, { issuer })
    expect(await byIssuer.post(logoutToken())).toBe(200)
    expect(await byIssuer.post(logoutToken({ iss: other }))).toBe(400)
    expect(await byIssuer.post(logoutToken({ iss: other, aud: 'another' }))).toBe(200)
    const onlyOne = start({ logout: { clients: { [other]: CLIENT } } }, { issuer })
    expect(await onlyOne.post(logoutToken())).toBe(400)
    const any = start({ logout: { clients: [CLIENT, 'another'] } }, { issuer })
    expect(await any.post(logoutToken({ iss: other }))).toBe(200)
  })

  it('may come from a body parser', async () => {
    const { endpoint, revoked } = start()
    const bodies = [{ logout_token: logoutToken() }, new TextEncoder().encode(`logout_token=${logoutToken()}`)]
    for (const body of bodies) expect((await endpoint.respond('POST', '/', contentOf(body)))?.status).toBe(200)
    const wrong = [{}, { logout_token: [logoutToken()] }, { logout_token: 1 }, undefined, null, 7]
    for (const body of wrong) expect((await endpoint.respond('POST', '/', contentOf(body)))?.status).toBe(400)
    expect(await revoked.list()).toHaveLength(1)
  })

  it('is 503 while the keys of its issuer cannot be loaded', async () => {
    const { post, revoked } = start(undefined, {
      issuer: { issuer: ISSUER, keys: 'https://keys.example/jwks' },
      fetch: () => Promise.reject(new Error('down')),
    })
    expect(await post(logoutToken())).toBe(503)
    expect(await revoked.list()).toEqual([])
  })

  it('is 503 while the process ends: its sender may send it to another one', async () => {
    const { post, server } = start()
    server.close()
    expect(await post(logoutToken())).toBe(503)
  })
})

it('the option `logout` is required for the endpoint', () => {
  expect(() => revocation().backchannelLogout).toThrow('revocation.logout is missing')
  expect(() => revocation({ logout: {} as never })).toThrow('revocation.logout.clients is missing')
  expect(() => revocation({ logout: { clients: [] } })).toThrow('revocation.logout.clients')
  expect(() => revocation({ logout: { clients: {} } })).toThrow('revocation.logout.clients must name an issuer')
  expect(() => revocation({ logout: { clients: { [ISSUER]: '' } } })).toThrow(`clients["${ISSUER}"]`)
})
