import * as core from 'bearward'
import { ConfigurationError, dpop, InvalidToken, introspected, scope } from 'bearward'
import { bindResourceServer as bindToFetch } from 'bearward/fetch'
import { bindResourceServer as bindToHono } from 'bearward/hono'
import * as jwtOnly from 'bearward/jwt-only'
import { revocation } from 'bearward/revocation'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { acceptedTokens } from '../corpus/accepted-tokens.ts'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW, optionsFor } from '../corpus/kit.ts'
import { TOKEN_FAMILIES } from '../corpus/tokens/index.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

const kit = createKit()
const keys = keySetOf(kit.signers.ES256)

/** From JavaScript, where any option can be given. */
const make = (members: Record<string, unknown> = {}, issuer: Record<string, unknown> = {}) =>
  jwtOnly.createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys, ...issuer },
    clock: () => NOW,
    ...members,
  } as jwtOnly.JwtResourceServerOptions)

const reasonOf = (verified: Promise<unknown>): Promise<unknown> =>
  verified.then(
    () => 'accepted',
    (thrown) => (thrown instanceof InvalidToken ? thrown.reason : thrown),
  )

const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const tokenBoundBy = (cnf: object) => kit.token({ claims: kit.claims({ cnf }) })

describe('bearward/jwt-only decides like bearward', () => {
  const options = optionsFor(kit, [])
  const [full, lean] = [core.createResourceServer(options), make({ ...options })]

  const families = [
    ...TOKEN_FAMILIES.map(({ family, make: tokensOf }) => ({ family, tokens: tokensOf(kit) })),
    { family: 'unusual but legal tokens', tokens: acceptedTokens(kit) },
  ]

  it.each(families)('$family', async ({ tokens }) => {
    for (const { name, token } of tokens) {
      expect([name, await reasonOf(lean.verify(token))]).toEqual([name, await reasonOf(full.verify(token))])
    }
  })
})

describe('bearward/jwt-only refuses what it cannot prove', () => {
  it.each([
    ['a DPoP key (RFC 9449 §7.2)', { jkt: JKT }],
    ['a certificate (RFC 8705 §3)', { 'x5t#S256': JKT }],
    ['both', { jkt: JKT, 'x5t#S256': JKT }],
  ])('a token that is bound to %s', async (_, cnf) => {
    expect(await reasonOf(make().verify(tokenBoundBy(cnf)))).toBe('confirmation')
  })

  it.each([
    ['as a bearer token', 'Bearer', tokenBoundBy({ jkt: JKT })],
    ['as a bearer token, bound to a certificate', 'Bearer', tokenBoundBy({ 'x5t#S256': JKT })],
    ['with the scheme DPoP', 'DPoP', tokenBoundBy({ jkt: JKT })],
    ['with the scheme DPoP, but unbound', 'DPoP', kit.token()],
    ['that is opaque', 'Bearer', 'opaque-token'],
  ])('a token %s gets the response that bearward sends', async (_, scheme, token) => {
    const respond = async (server: core.ResourceServer): Promise<readonly unknown[]> => {
      const guarded = bindToFetch(server).requireScope('read:orders')(() => new Response('reached'))
      const response = await guarded(new Request(RESOURCE, { headers: { authorization: `${scheme} ${token}` } }))
      return [response.status, [...response.headers], await response.text()]
    }
    const same = { resource: RESOURCE, issuer: { issuer: ISSUER, keys }, clock: () => NOW }
    const sent = await respond(core.createResourceServer(same))
    expect(await respond(make())).toEqual(sent)
    expect(sent[0]).toBe(401)
  })
})

describe('options that bearward/jwt-only does not have', () => {
  const client = { method: 'client_secret_basic', clientId: 'api', clientSecret: 'secret' }

  it.each<[option: string, server: Record<string, unknown>, issuer?: Record<string, unknown>]>([
    ['dpop', { dpop: 'accept' }],
    ['dpop', { dpop: { mode: 'off' } }],
    ['mtls', { mtls: 'require' }],
    ['publicUrl', { publicUrl: RESOURCE }],
    ['metadata.signed', { metadata: { signed: { issuer: RESOURCE, key: {} } } }],
    ['stores.introspection', { stores: { introspection: { get() {}, set() {} } } }],
    ['stores.replay', { stores: { replay: { firstUse() {} } } }],
    ['stores.secret', { stores: { secret: 's'.repeat(32) } }],
    ['issuer.introspection', {}, { introspection: { client } }],
    ['issuer.introspect', {}, { introspect: () => ({ active: false }) }],
    ['issuer.tokenPrefix', {}, { tokenPrefix: 'opaque_' }],
    ['issuer.resolve', { issuer: { allow: [ISSUER], resolve: () => ({ keys }) } }],
    ['issuer[0].introspection', { issuer: [{ issuer: ISSUER, introspection: { client } }] }],
  ])('%s is an error that names the way out', (option, server, issuer) => {
    expect(() => make(server, issuer)).toThrow(
      new ConfigurationError(option, "is not part of bearward/jwt-only; import createResourceServer from 'bearward'"),
    )
  })

  it('an unknown option has a hint if its name is nearly that of another one, and a list otherwise', () => {
    expect(() => make({ Query_Tokens: 'ignore' })).toThrow('did you mean queryTokens?')
    expect(() => make({}, { leeway: 5 })).toThrow('issuer.leeway is unknown; the options here: issuer, audience')
  })

  it('every token needs keys: there is no other way to verify one', () => {
    expect(() => make({}, { keys: null })).toThrow('issuer.keys can be null only with introspection')
  })

  it('what is off may be named', () => {
    expect(() => make({ dpop: 'off', mtls: 'off', stores: {} })).not.toThrow()
  })

  it('watch() is an error as well', async () => {
    const server = make()
    const token = await server.verify(kit.token())
    expect(() => server.watch(token, () => {})).toThrow(
      "bearward: watch() is not part of bearward/jwt-only; import createResourceServer from 'bearward'",
    )
    server.close()
  })

  it('a route cannot require them either', () => {
    const server = make()
    expect(() => server.guards(introspected({ maxAge: 10 }))).toThrow(ConfigurationError)
    expect(() => server.guards(dpop('require'))).toThrow(ConfigurationError)
  })
})

describe('the rest of bearward', () => {
  it('caches, state and forget()', async () => {
    const server = make()
    const token = kit.token()
    for (const _ of [1, 2]) await server.verify(token)
    await server.forget('another')
    expect(server.state().caches).toMatchObject({ jwt: { entries: 2 }, active: { entries: 0 }, replay: { entries: 0 } })
    await server.forget(token)
    expect(server.state().caches.jwt.entries).toBe(0)
    server.close()
  })

  it('revocation', async () => {
    const revoked = revocation({ maxLifetime: 3600 })
    const server = make({ revocation: revoked })
    await server.verify(kit.token())
    await revoked.revoke({ issuer: ISSUER, jti: 'token-1' })
    expect(await reasonOf(server.verify(kit.token()))).toBe('revoked')
    server.close()
  })

  it('guards and challenges, on Hono', async () => {
    const { requireScope, protect, metadata } = bindToHono(make())
    const app = new Hono()
      .use(metadata())
      .get('/orders', requireScope('read:orders'), (c) => c.text(c.var.accessToken.subject ?? ''))
      .get('/admin', protect(scope('admin')), (c) => c.text('reached'))
    const get = (path: string) =>
      app.request(new URL(path, RESOURCE).href, { headers: { authorization: `Bearer ${kit.token()}` } })
    expect(await (await get('/orders')).text()).toBe('user-1')
    expect((await get('/admin')).headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    expect(await (await get('/.well-known/oauth-protected-resource')).json()).toMatchObject({ resource: RESOURCE })
  })
})
