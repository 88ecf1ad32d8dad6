import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceServerOptions } from 'bearward'
import { createClientCertificate, createDpopClient, createTestIssuer, type TestIssuer } from 'bearward/testing'
import { DPoP, generateKeyPair } from 'oauth4webapi'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startApis } from '../interop/oidc-provider-api.ts'
import { derOf, SECRET, startProvider, tokenOf } from '../interop/oidc-provider-clients.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll } from '../support/apps/apps.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import { createCertificate } from '../support/tls/certificates.ts'
import { bearward } from './command.ts'
import { findingsOf, theOne } from './doctor-findings.ts'

const NAME = { args: ['--token-env', 'TOKEN'] }

describe('a running API, with oidc-provider', () => {
  let provider: OidcProvider
  let apps: App[]
  const startApi = async (server: Pick<ResourceServerOptions, 'dpop' | 'mtls'>): Promise<string> => {
    const started = await startApis(provider, { server })
    apps.push(...started)
    return `http://127.0.0.1:${started[0]?.port}/orders`
  }
  beforeAll(async () => {
    provider = await startProvider()
    apps = []
  })
  afterAll(async () => {
    await closeAll(apps)
    await provider.stop()
  })

  const CLIENT = ['--client-id', 'orders-api', '--client-secret-env', 'API_SECRET']
  const messages = async (args: readonly string[], token: string) => {
    const options = { args: [...CLIENT, ...NAME.args, ...args], env: { API_SECRET: SECRET, TOKEN: token } }
    const { findings, found } = await findingsOf(provider.issuer, options)
    expect(found).toEqual([])
    return findings.map(({ area, message }) => `${area}: ${message}`).join('\n')
  }

  it.each(['accept', 'require'] as const)('has no problems, with dpop: %s', async (mode) => {
    const api = await startApi({ dpop: mode, mtls: 'accept' })
    const token = await tokenOf(provider, 'jwt-robot', { DPoP: DPoP({}, await generateKeyPair('ES256')) })
    const text = await messages(['--api', api], token)
    expect(text).toContain(`api: ${api} requires a token: ${mode === 'accept' ? 'Bearer, DPoP' : 'DPoP'}`)
    expect(text).toContain('oauth-protected-resource names the resource and the issuer')
    expect(text).toMatch(/bindings: a client key for "[^"]*ES256[^"]*" works for both/)
    expect(text).toContain('token: the token is valid and bound to a key')
  })

  it('has no problems without sender constraints', async () => {
    const text = await messages(['--api', await startApi({})], await tokenOf(provider, 'jwt-robot'))
    expect(text).toContain('requires a token: Bearer\n')
    expect(text).not.toContain('bindings:')
  })

  it.each([
    ['an opaque token', 'robot', 'bound-robot'],
    ['a JWT', 'jwt-robot', 'bound-jwt-robot'],
  ])('reports the proof that %s requires, and sends it to no API', async (_, robot, boundRobot) => {
    const byKey = await tokenOf(provider, robot, { DPoP: DPoP({}, await generateKeyPair('ES256')) })
    expect(await messages([], byKey)).toMatch(/token: .*bound to a key .* requires Authorization: DPoP .* was not sent/)
    const certificate = derOf(createCertificate('robot'))
    const byCertificate = await tokenOf(provider, boundRobot, { certificate })
    expect(await messages([], byCertificate)).toMatch(
      /token: .*bound to a certificate .* requires that TLS client certificate .* was not sent/,
    )
  })
})

const METADATA = '/.well-known/oauth-protected-resource'
const BEARER = `Bearer realm="x", resource_metadata="${RESOURCE}${METADATA}"`
const withDpop = (algs: string) => `${BEARER}, DPoP realm="x", algs="${algs}"`
const DPOP = 'dpop_signing_alg_values_supported'
const REQUIRED = 'dpop_bound_access_tokens_required'
const CERTIFICATES = 'tls_client_certificate_bound_access_tokens'

describe('an API with one thing wrong', () => {
  let issuer: TestIssuer
  let server: Server
  let api: string
  /** The response of the API, and the requests it received. */
  let status: number
  let challenge: string | undefined
  let metadata: Record<string, unknown> | readonly unknown[] | undefined
  let seen: { readonly url: string | undefined; readonly authorization: string | undefined }[]
  beforeAll(async () => {
    issuer = await createTestIssuer({ server: createServer(), resource: RESOURCE })
    server = createServer((request, response) => {
      seen.push({ url: request.url, authorization: request.headers.authorization })
      if (request.url === METADATA) {
        response.writeHead(metadata ? 200 : 404, { 'content-type': 'application/json' })
        response.end(JSON.stringify(metadata ?? {}))
      } else response.writeHead(status, { ...(challenge !== undefined && { 'www-authenticate': challenge }) }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
  })
  beforeEach(() => {
    status = 401
    challenge = withDpop('ES256')
    metadata = { resource: RESOURCE, authorization_servers: [issuer.issuer], [DPOP]: ['ES256'] }
    seen = []
    says({ [DPOP]: ['ES256'] })
  })
  afterEach(() => issuer.recover())
  afterAll(async () => {
    await issuer.stop()
    server.close()
  })

  const says = (more: object) =>
    issuer.respondWith(
      () => Response.json({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks`, ...more }),
      'metadata',
    )
  const problemIn = (area: string, token?: string) => {
    const args = ['--api', api, ...(token === undefined ? [] : NAME.args)]
    return theOne(area, issuer.issuer, { args, env: token === undefined ? {} : { TOKEN: token } })
  }
  const messagesOf = async () => {
    const { findings, found } = await findingsOf(issuer.issuer, { args: ['--api', api] })
    expect(found).toEqual([])
    return findings.flatMap(({ level, area, message }) => (level === 'note' ? [`${area}: ${message}`] : []))
  }

  it('none at first; and no token is sent', async () => {
    const args = ['--api', `${api}?secret=canary`, ...NAME.args]
    const client = await createDpopClient()
    const env = { TOKEN: await issuer.jwt({ cnf: client.confirmation }) }
    expect((await findingsOf(issuer.issuer, { args, env })).found).toEqual([])
    expect(seen).toEqual([
      { url: '/orders', authorization: undefined },
      { url: METADATA, authorization: undefined },
    ])
  })

  it('it requires no token', async () => {
    status = 200
    expect((await problemIn('api')).message).toBe(
      `${api} responds to a request without a token with 200 instead of 401`,
    )
  })

  it('a redirect, which is not followed', async () => {
    status = 302
    expect((await problemIn('api')).message).toContain('with 302 instead of 401')
  })

  it('connection refused', async () => {
    const { found } = await findingsOf(issuer.issuer, { args: ['--api', 'http://127.0.0.1:1/'] })
    expect(found.map(({ message }) => message)).toEqual(['http://127.0.0.1:1/ cannot be reached'])
  })

  it('an API that accepts the connection and says nothing', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
    const { found } = await findingsOf(issuer.issuer, { args: ['--api', url] })
    expect(found.map(({ message }) => message)).toEqual([`${url} does not respond within 3 s`])
  }, 30_000)

  it('no challenge, and one that is malformed (RFC 9110 §11.6.1)', async () => {
    challenge = undefined
    expect((await problemIn('api')).message).toContain('is missing')
    challenge = 'Bearer realm="x'
    expect((await problemIn('api')).message).toContain('is malformed')
  })

  it('another location of the metadata (RFC 9728 §5.1), which is not fetched', async () => {
    challenge = `Bearer resource_metadata="${new URL('/elsewhere', api).href}"`
    metadata = { resource: RESOURCE, authorization_servers: [issuer.issuer] }
    expect((await problemIn('api')).message).toContain(`instead of ${RESOURCE}${METADATA}`)
    expect(seen.map(({ url }) => url)).not.toContain('/elsewhere')
  })

  it('metadata in the challenge that does not exist', async () => {
    metadata = undefined
    expect((await problemIn('api')).fix).toContain('mount metadata()')
    challenge = 'DPoP algs="ES256", Bearer'
    expect(await messagesOf()).toContain('api: the API publishes no metadata')
  })

  it('metadata that is not an object', async () => {
    metadata = []
    expect((await problemIn('api')).message).toContain('is not a JSON object')
  })

  it('metadata of another resource (RFC 9728 §3.3)', async () => {
    metadata = { ...metadata, resource: `${RESOURCE}/` }
    expect((await problemIn('api')).message).toContain(`describes "${RESOURCE}/" instead of ${RESOURCE}`)
  })

  it('metadata without the issuer', async () => {
    metadata = { ...metadata, authorization_servers: ['https://other.example.com'] }
    expect((await problemIn('api')).message).toContain(`does not name ${issuer.issuer}`)
  })

  it('a DPoP challenge without algs (RFC 9449 §7.1)', async () => {
    challenge = `${BEARER}, DPoP realm="x"`
    expect((await problemIn('bindings')).message).toContain('lists no algs')
  })

  it('algs with only symmetric or no signatures (RFC 9449 §4.3)', async () => {
    challenge = withDpop('ES256 HS256 none')
    metadata = { ...metadata, [DPOP]: ['ES256', 'HS256', 'none'] }
    expect((await problemIn('bindings')).message).toContain('lists "HS256 none"')
  })

  it.each([
    ['other algorithms', ['ES256', 'EdDSA']],
    ['no algorithms', []],
    ['a string', 'ES256'],
    ['entirely different algorithms', ['EdDSA']],
  ])('the metadata lists %s, unlike the challenge', async (_, listed) => {
    metadata = { ...metadata, [DPOP]: listed }
    expect((await problemIn('bindings')).message).toMatch(
      /^for proofs, the metadata lists .*, but the challenge \["ES256/,
    )
  })

  it('the order of algorithms does not matter', async () => {
    challenge = withDpop('ES256 EdDSA')
    metadata = { ...metadata, [DPOP]: ['EdDSA', 'ES256'] }
    expect(await messagesOf()).toEqual(expect.not.arrayContaining([expect.stringContaining('bindings')]))
  })

  it('a challenge with DPoP, and metadata without', async () => {
    metadata = { resource: RESOURCE, authorization_servers: [issuer.issuer] }
    expect((await problemIn('bindings')).message).toContain(`the metadata has no ${DPOP}`)
  })

  it('metadata with DPoP, and a challenge without', async () => {
    challenge = BEARER
    expect((await problemIn('bindings')).message).toContain('the challenge offers no DPoP')
  })

  it('bound tokens required, and Bearer offered', async () => {
    metadata = { ...metadata, [REQUIRED]: true }
    expect((await problemIn('bindings')).message).toContain('the challenge offers Bearer')
  })

  it.each([REQUIRED, CERTIFICATES])('%s that is not a boolean', async (name) => {
    metadata = { ...metadata, [name]: 'true' }
    expect((await problemIn('bindings')).message).toContain(`${name} of the metadata is "true"`)
  })

  it('a route that accepts only DPoP, while the metadata does not require it, is a note', async () => {
    challenge = 'DPoP algs="ES256"'
    expect(await messagesOf()).toContain(
      'bindings: this route accepts only DPoP, but the metadata does not declare that for the API',
    )
  })

  it('an issuer that issues no bound tokens: a note, or a problem if they are required (RFC 9449 §5.1)', async () => {
    says({})
    const words = 'the API accepts DPoP-bound tokens, but the issuer does not declare that it issues any'
    expect(await messagesOf()).toContain(`bindings: ${words}`)
    challenge = 'DPoP algs="ES256"'
    metadata = { ...metadata, [REQUIRED]: true }
    expect((await problemIn('bindings')).message).toBe(words)
  })

  it('an issuer that shares no algorithm with the API', async () => {
    says({ [DPOP]: ['RS256', 'EdDSA'] })
    expect((await problemIn('bindings')).message).toContain('no key works for both')
  })

  it('an issuer that does not declare certificate-bound tokens (RFC 8705 §3.3)', async () => {
    metadata = { ...metadata, [CERTIFICATES]: true }
    const words =
      'bindings: the API accepts certificate-bound tokens, but the issuer does not declare that it issues any'
    expect(await messagesOf()).toContain(words)
    says({ [DPOP]: ['ES256'], [CERTIFICATES]: true })
    expect(await messagesOf()).not.toContain(words)
  })

  it('a token with a binding that the API does not accept', async () => {
    const { confirmation } = await createDpopClient()
    const certificate = await createClientCertificate()
    const byCertificate = await issuer.jwt({ cnf: certificate.confirmation })
    expect((await problemIn('token', byCertificate)).fix).toBe("set mtls to 'accept'")
    const byBoth = await issuer.jwt({ cnf: { ...confirmation, ...certificate.confirmation } })
    expect((await problemIn('token', byBoth)).fix).toBe("set mtls to 'accept'")
    challenge = BEARER
    metadata = { resource: RESOURCE, authorization_servers: [issuer.issuer] }
    expect((await problemIn('token', await issuer.jwt({ cnf: confirmation }))).fix).toBe("set dpop to 'accept'")
  })

  it('an unbound token, if the API requires bound ones', async () => {
    challenge = 'DPoP algs="ES256"'
    metadata = { ...metadata, [REQUIRED]: true }
    expect((await problemIn('token', await issuer.jwt())).fix).toContain('RFC 9449 §5')
  })

  it('its output cannot control a terminal, and a URL with a password is refused', async () => {
    challenge = 'Bearer resource_metadata="\\\u009b2Jx", DPoP algs="ES256"'
    const args = ['doctor', '--issuer', issuer.issuer, '--resource', RESOURCE]
    const { stdout } = await bearward([...args, '--api', api])
    expect(stdout).toContain('\\u009b2Jx')
    for (const url of ['http://user:canary@127.0.0.1/', 'ftp://127.0.0.1/', 'orders']) {
      const { code, stderr } = await bearward([...args, '--api', url])
      expect(code).toBe(2)
      expect(stderr).not.toContain('canary')
    }
  })
})
