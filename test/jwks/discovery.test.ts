import { createResourceServer, type IssuerOptions } from 'bearward'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { createLog, send } from '../support/upstream/requests.ts'
import { createUpstreamServer, documents, type UpstreamServer } from '../support/upstream/server.ts'

// The keys come from `signer`; `upstream` publishes them under the path that a test sets.
let signer: TestIssuer
let upstream: UpstreamServer

beforeEach(async () => {
  signer = await createTestIssuer({ alg: 'ES256' })
  upstream = await createUpstreamServer()
})
afterEach(async () => {
  await signer.stop()
  await upstream.stop()
})

const keySet = () => ({ keys: signer.keys.map(({ jwk }) => jwk) })

async function statusWith(issuer: string, options: Partial<IssuerOptions> = {}, log = createLog()) {
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer, ...options },
    onEvent: log.onEvent,
  })
  const outcome = await send(server, await signer.sign({ iss: issuer }))
  return { ...outcome, state: server.state() }
}

describe('metadata is found under each well-known form', () => {
  const FORMS = [
    ['OpenID append', '', '/.well-known/openid-configuration'],
    ['OpenID append', '/tenant', '/tenant/.well-known/openid-configuration'],
    ['OpenID append', '/realms/a', '/realms/a/.well-known/openid-configuration'],
    ['RFC 8414 §3.1 insert', '', '/.well-known/oauth-authorization-server'],
    ['RFC 8414 §3.1 insert', '/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['RFC 8414 §5 OpenID insert', '/tenant', '/.well-known/openid-configuration/tenant'],
    ['RFC 8414 suffix appended', '/tenant', '/tenant/.well-known/oauth-authorization-server'],
  ] as const
  for (const [form, path, place] of FORMS) {
    for (const slash of ['', '/']) {
      it(`${form}: issuer path "${path}${slash}" at ${place}`, async () => {
        const issuer = `${upstream.url}${path}${slash}`
        const metadata = { issuer, jwks_uri: `${upstream.url}/keys.json` }
        upstream.respond = documents({ [place]: metadata, '/keys.json': keySet() })
        expect(await statusWith(issuer)).toMatchObject({ status: 200 })
        expect(upstream.requests.at(-2)).toBe(place)
        expect(upstream.requests.at(-1)).toBe('/keys.json')
        expect(new Set(upstream.requests).size).toBe(upstream.requests.length)
      })
    }
  }

  it('requests at most the four forms, each once', async () => {
    const { status, retryAfter } = await statusWith(`${upstream.url}/tenant`)
    expect(status).toBe(503)
    expect(retryAfter).toBeGreaterThanOrEqual(1)
    expect([...upstream.requests].sort()).toEqual([
      '/.well-known/oauth-authorization-server/tenant',
      '/.well-known/openid-configuration/tenant',
      '/tenant/.well-known/oauth-authorization-server',
      '/tenant/.well-known/openid-configuration',
    ])
  })

  it('a wrong document under one form does not hide a right one under another', async () => {
    upstream.respond = documents({
      '/.well-known/openid-configuration': { issuer: 'https://other.example' },
      '/.well-known/oauth-authorization-server': { issuer: upstream.url, jwks_uri: `${upstream.url}/k` },
      '/k': keySet(),
    })
    expect((await statusWith(upstream.url)).status).toBe(200)
  })

  it('after a server error, the other forms are not tried', async () => {
    upstream.respond = (_request, response) => response.writeHead(500).end()
    expect((await statusWith(`${upstream.url}/tenant`)).status).toBe(503)
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('metadata must name the configured issuer exactly (K1, RFC 8414 §3.3)', () => {
  const refusedAs = async (named: unknown, configured = upstream.url, options: Partial<IssuerOptions> = {}) => {
    const metadata = { issuer: named, jwks_uri: `${upstream.url}/k` }
    upstream.respond = documents({
      '/.well-known/openid-configuration': metadata,
      '/.well-known/oauth-authorization-server': metadata,
      '/k': keySet(),
    })
    const { status, state } = await statusWith(configured, options)
    expect(status).toBe(503)
    expect(upstream.requests).not.toContain('/k')
    return state.issuers[0]?.keys.lastError
  }

  it('another issuer', async () => {
    expect(await refusedAs('https://evil.example')).toMatchObject({ code: 'issuer_mismatch' })
  })
  it('a trailing slash too many, and the cause says so', async () => {
    const error = await refusedAs(`${upstream.url}/`)
    expect(error?.code).toBe('issuer_mismatch')
    expect(error?.message).toContain('slash at the end')
  })
  it('a trailing slash too few, and the cause says so', async () => {
    const error = await refusedAs(upstream.url, `${upstream.url}/`)
    expect(error?.code).toBe('issuer_mismatch')
    expect(error?.message).toContain('slash at the end')
  })
  it('another letter case', async () => {
    expect(await refusedAs(`${upstream.url}/tenant`, `${upstream.url}/Tenant`)).toBeDefined()
  })
  for (const named of [undefined, null, 7, ['x'], { issuer: 'x' }]) {
    it(`no issuer: ${JSON.stringify(named)}`, async () => {
      expect(await refusedAs(named)).toMatchObject({ code: 'issuer_mismatch' })
    })
  }
  it('the error does not contain the document', async () => {
    const error = await refusedAs('https://evil.example')
    expect(String(error?.message)).not.toContain('evil')
  })
  it('fetched from internalUrl, it must still name the public issuer', async () => {
    expect(await refusedAs(upstream.url, 'https://auth.example.com', { internalUrl: upstream.url })).toMatchObject({
      code: 'issuer_mismatch',
    })
  })
})

describe('metadata of another issuer (RFC 8414 §3.3)', () => {
  it('is a failed fetch in the events, with issuer_mismatch', async () => {
    upstream.respond = documents({
      '/.well-known/openid-configuration': { issuer: `${upstream.url}/`, jwks_uri: `${upstream.url}/certs` },
    })
    const log = createLog()
    const server = createResourceServer({ resource: RESOURCE, issuer: upstream.url, onEvent: log.onEvent })
    await expect(server.ready()).rejects.toMatchObject({ cause: { code: 'issuer_mismatch' } })
    const [first, ...others] = log.of('fetch')
    expect(first).toMatchObject({ target: 'discovery', outcome: 'failed', code: 'issuer_mismatch' })
    expect(others.every(({ outcome, code }) => outcome === 'failed' && code === 'status')).toBe(true)
    expect(server.state().issuers[0]?.keys.lastError).toMatchObject({ code: 'issuer_mismatch' })
  })
})

describe('internalUrl changes where requests go, not what is trusted', () => {
  const ISSUER = 'https://auth.example.com/realms/a'

  const publish = (jwksUri: string) => {
    upstream.respond = documents({
      '/inner/.well-known/openid-configuration': { issuer: ISSUER, jwks_uri: jwksUri },
      '/inner/protocol/certs': keySet(),
    })
    return statusWith(ISSUER, { internalUrl: `${upstream.url}/inner` })
  }

  it('a jwks_uri under the public name is fetched from the internal one', async () => {
    expect((await publish(`${ISSUER}/protocol/certs`)).status).toBe(200)
    expect(upstream.requests).toEqual(['/inner/.well-known/openid-configuration', '/inner/protocol/certs'])
  })
  it('a jwks_uri under the internal name is used unchanged', async () => {
    expect((await publish(`${upstream.url}/inner/protocol/certs`)).status).toBe(200)
  })
  it('a name that merely starts like the issuer is not rewritten', async () => {
    const { state, status } = await publish('http://auth.example.com/realms/abc/certs')
    expect(status).toBe(503)
    expect(state.issuers[0]?.keys.lastError?.code).toBe('insecure_url')
    expect(upstream.requests).not.toContain('/inner/protocol/certs')
  })
  it('plain http anywhere else is refused', async () => {
    const { state } = await publish('http://keys.example.com/certs')
    expect(state.issuers[0]?.keys.lastError?.code).toBe('insecure_url')
  })
  it('trailing slashes make no difference', async () => {
    upstream.respond = documents({
      '/inner/.well-known/openid-configuration': { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/protocol/certs` },
      '/inner/protocol/certs': keySet(),
    })
    expect((await statusWith(`${ISSUER}/`, { internalUrl: `${upstream.url}/inner/` })).status).toBe(200)
  })
})

describe('discovered metadata is used until it fails', () => {
  it('the metadata is not fetched again with each refresh', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: signer.url, jwksCache: { cooldown: 1 } },
    })
    expect((await send(server, await signer.sign())).status).toBe(200)
    const next = await signer.rotate()
    expect((await send(server, await signer.sign({}, {}, next))).status).toBe(200)
    expect(signer.hits).toMatchObject({ metadata: 1, keys: 2 })
  })
})

describe('metadata that names the signing algorithm of access tokens restricts the algorithms', () => {
  const withMetadata = (algorithms: unknown, options: Partial<IssuerOptions> = {}) => {
    upstream.respond = documents({
      '/.well-known/openid-configuration': {
        issuer: upstream.url,
        jwks_uri: `${upstream.url}/k`,
        access_token_signing_alg_values_supported: algorithms,
      },
      '/k': keySet(),
    })
    return statusWith(upstream.url, options)
  }

  it('the named algorithm is accepted', async () => {
    expect((await withMetadata(['ES256', 'HS256'])).status).toBe(200)
  })
  it('a key for another algorithm is unusable', async () => {
    const { status, state } = await withMetadata(['RS256'])
    expect(status).toBe(503)
    expect(state.issuers[0]?.keys.lastError?.code).toBe('no_usable_keys')
  })
  it('algorithms named in the options are not restricted', async () => {
    expect((await withMetadata(['RS256'], { algorithms: ['ES256'] })).status).toBe(200)
  })
  for (const value of ['RS256', [], ['HS256'], ['none', 7, null], {}, null]) {
    it(`${JSON.stringify(value)} is ignored`, async () => {
      expect((await withMetadata(value)).status).toBe(200)
    })
  }
})
