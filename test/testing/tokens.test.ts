import { createResourceServer } from 'bearward'
import { BAD_TOKENS, type BadToken, createTestIssuer, type TestIssuer } from 'bearward/testing'
import { beforeAll, describe, expect, it } from 'vitest'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await createTestIssuer({ resource: 'https://api.example.com', claims: { scope: 'read:orders' } })
})

const plainly = () => createResourceServer(issuer.options)
const introspecting = () => createResourceServer(issuer.introspectingOptions)

/** Those that only a server without introspection can call malformed: others introspect them. */
const MAY_BE_OPAQUE: readonly string[] = ['encrypted', 'garbage']

describe('valid tokens (N6)', () => {
  it('a JWT is accepted, with the claims of the test', async () => {
    const token = await issuer.jwt({ sub: 'alice', client_id: undefined }, { typ: 'JWT' })
    expect(await plainly().verify(token)).toMatchObject({
      format: 'jwt',
      issuer: issuer.issuer,
      subject: 'alice',
      clientId: undefined,
      scopes: ['read:orders'],
    })
  })

  it.each(['RS256', 'PS384', 'ES512', 'Ed25519'])('signed with %s', async (alg) => {
    const other = await createTestIssuer({ alg })
    const server = createResourceServer(other.options)
    expect((await server.verify(await other.jwt())).subject).toBe('user-1')
  })

  it('an opaque one is accepted by a server that introspects', async () => {
    const token = issuer.opaque({ scope: 'write:orders' })
    expect(await introspecting().verify(token)).toMatchObject({ format: 'opaque', scopes: ['write:orders'] })
    expect(issuer.requests.introspectedTokens).toContain(token)
  })

  it('signed introspection responses are sent on request (RFC 9701 §5)', async () => {
    const { client } = issuer
    const server = createResourceServer({
      ...issuer.options,
      issuer: { issuer: issuer.issuer, introspection: { client, signed: 'require' } },
    })
    expect((await server.verify(issuer.opaque())).subject).toBe('user-1')
  })

  it('a JWT can be introspected as well, if this issuer signed it', async () => {
    const server = introspecting()
    expect((await server.verify(await issuer.jwt(), { maxAge: 0 })).subject).toBe('user-1')
    const stranger = await createTestIssuer()
    const { client } = issuer
    const introspectsAll = createResourceServer({
      ...issuer.options,
      issuer: { issuer: issuer.issuer, keys: null, introspection: { client } },
    })
    const forged = await stranger.jwt({ iss: issuer.issuer, aud: issuer.resource })
    await expect(introspectsAll.verify(forged)).rejects.toMatchObject({ reason: 'inactive' })
  })
})

describe('each bad token is refused for the reason of its name (N6)', () => {
  for (const [name, reason] of Object.entries(BAD_TOKENS) as [BadToken, string][]) {
    it(`${name}: ${reason}`, async () => {
      const token = await issuer.bad(name)
      await expect((async () => plainly().verify(token))()).rejects.toMatchObject({ reason })
      const expected = MAY_BE_OPAQUE.includes(name) ? 'inactive' : reason
      await expect((async () => introspecting().verify(token))()).rejects.toMatchObject({ reason: expected })
    })
  }

  it('with claims of the test', async () => {
    const [, claims = ''] = (await issuer.bad('expired', { sub: 'alice' })).split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: 'alice' })
  })

  it('an unknown name is a mistake in the test', async () => {
    await expect(issuer.bad('expird' as BadToken)).rejects.toThrow('there is no bad token "expird"')
  })
})
