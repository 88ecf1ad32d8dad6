import type { ResourceServerOptions } from 'bearward'
import { type CryptoKey, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { CHECKS_POINTS } from '../support/apps/runtime.ts'
import { exchange } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

const started: App[] = []

afterAll(() => closeAll(started))

async function start(options: Partial<ResourceServerOptions> = {}): Promise<readonly App[]> {
  const apps = await startAll({ resource: RESOURCE, issuer: 'https://auth.example.com', ...options }, ORDERS)
  started.push(...apps)
  return apps
}

const PATH = '/.well-known/oauth-protected-resource'

async function documents(apps: readonly App[], target: string, method = 'GET') {
  return Promise.all(
    apps.map(async (app) => {
      const { status, header, body } = await exchange(app.port, { target, method })
      return {
        status,
        type: header('Content-Type'),
        cache: header('Cache-Control'),
        origin: header('Access-Control-Allow-Origin'),
        body: status === 200 && body !== '' ? (JSON.parse(body) as unknown) : undefined,
      }
    }),
  )
}

const FOUND = { status: 200, type: 'application/json', cache: 'public, max-age=3600', origin: '*' }

describe('the protected resource metadata (N1, RFC 9728 §3)', () => {
  it('is served without authentication, with the members of RFC 9728 §2', async () => {
    const apps = await start({ scopes: ['read:orders', 'write:orders', 'admin', 'team'] })
    const body = {
      resource: RESOURCE,
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['read:orders', 'write:orders', 'admin', 'team'],
      bearer_methods_supported: ['header'],
    }
    expect(await documents(apps, PATH)).toEqual(apps.map(() => ({ ...FOUND, body })))
  })

  it('is served for a target in absolute-form as well (RFC 9112 §3.2.2)', async () => {
    const apps = await start()
    const found = await documents(apps, `http://127.0.0.1${PATH}?x=1`)
    expect(found).toEqual(apps.map(() => expect.objectContaining(FOUND)))
    const preflights = await documents(apps, `http://127.0.0.1${PATH}`, 'OPTIONS')
    expect(preflights.map(({ status }) => status)).toEqual(apps.map(() => 204))
  })

  it('is served to HEAD without a body', async () => {
    const apps = await start()
    expect(await documents(apps, PATH, 'HEAD')).toEqual(apps.map(() => ({ ...FOUND, body: undefined })))
  })

  it('is found with a query after its path', async () => {
    const apps = await start()
    expect((await documents(apps, `${PATH}?a=1`)).map(({ status }) => status)).toEqual(apps.map(() => 200))
  })

  it('announces form tokens if they are accepted', async () => {
    const apps = await start({ formTokens: 'accept' })
    for (const { body } of await documents(apps, PATH)) {
      expect(body).toMatchObject({ bearer_methods_supported: ['header', 'body'] })
    }
  })

  it.each<[string, Partial<ResourceServerOptions>, object]>([
    ['takes no bound tokens', {}, { bearer_methods_supported: ['header'] }],
    [
      'accepts DPoP',
      { dpop: 'accept' },
      {
        dpop_signing_alg_values_supported: [
          'ES256',
          'EdDSA',
          'Ed25519',
          'RS256',
          'RS384',
          'RS512',
          'PS256',
          'PS384',
          'PS512',
        ],
      },
    ],
    [
      'accepts DPoP in an algorithm',
      { dpop: { algorithms: ['ES384'] } },
      { dpop_signing_alg_values_supported: ['ES384'] },
    ],
    [
      'will require DPoP',
      { dpop: { mode: 'report-only', algorithms: ['ES256'] } },
      { dpop_signing_alg_values_supported: ['ES256'] },
    ],
    [
      'requires DPoP, and takes no bearer tokens then',
      { dpop: { mode: 'require', algorithms: ['ES256'] }, formTokens: 'accept' },
      {
        bearer_methods_supported: [],
        dpop_signing_alg_values_supported: ['ES256'],
        dpop_bound_access_tokens_required: true,
      },
    ],
    ['accepts certificates', { mtls: 'accept' }, { tls_client_certificate_bound_access_tokens: true }],
    [
      'requires certificates, with tokens in the Bearer scheme (RFC 8705 §3)',
      { mtls: 'require' },
      { tls_client_certificate_bound_access_tokens: true },
    ],
  ])('says that it %s', async (_, options, members) => {
    const apps = await start(options)
    for (const { body } of await documents(apps, PATH)) {
      expect(body).toEqual({
        resource: RESOURCE,
        authorization_servers: ['https://auth.example.com'],
        bearer_methods_supported: ['header'],
        ...members,
      })
    }
  })

  it('names several authorization servers', async () => {
    const apps = await start({ issuer: ['https://a.example', 'https://b.example/x'] })
    for (const { body } of await documents(apps, PATH)) {
      expect(body).toMatchObject({ authorization_servers: ['https://a.example', 'https://b.example/x'] })
    }
  })

  it.each([
    ['a path', '/v2/orders', '/v2/orders'],
    ['a slash at the end of its path', '/v2/', '/v2/'],
    ['a colon in its path', '/v2:orders', '/v2:orders'],
    ['an escaped letter in its path', '/caf%C3%A9', '/caf%C3%A9'],
    ['a dot in its path', '/v2.1', '/v2.1'],
    ['an escaped slash in its path', '/v2%2Forders', '/v2%2Forders'],
    ['other escaped delimiters in its path, in lower case', '/v2%3f%23%40%2c', '/v2%3f%23%40%2c'],
    ['an escaped percent sign in its path', '/v2%25%2523', '/v2%25%2523'],
    ['an asterisk in its path', '/v2*orders', '/v2*orders'],
    ['an asterisk at the end of its path', '/v2/*', '/v2/*'],
  ])('of a resource with %s is at the inserted path (RFC 9728 §3.1)', async (_, path, inserted) => {
    const resource = `https://api.example.com${path}`
    const apps = await start({ resource })
    for (const { status, body } of await documents(apps, PATH + inserted)) {
      expect([status, body]).toMatchObject([200, { resource }])
    }
  })

  it('is not served at other paths', async () => {
    const apps = await start({ resource: 'https://api.example.com/v2' })
    for (const target of [PATH, `${PATH}/v3`, `${PATH}/v2/x`]) {
      expect((await documents(apps, target)).map(({ status }) => status)).toEqual(apps.map(() => 404))
    }
  })

  it.each(['/v2*orders', '/v2%2Forders'])(
    'of a resource with the path %s is not served at others like it',
    async (path) => {
      const apps = await start({ resource: `https://api.example.com${path}` })
      for (const other of [
        '/v2',
        '/v2/orders',
        '/v2xorders',
        '/v2*',
        '/v2%2forders',
        '/v2*orders/x',
        '/v2%2Forders/x',
      ]) {
        expect((await documents(apps, PATH + other)).map(({ status }) => status)).toEqual(apps.map(() => 404))
      }
    },
  )

  it('is not served to other methods', async () => {
    const apps = await start()
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await documents(apps, PATH, method)).map(({ status }) => status)).toEqual(apps.map(() => 404))
    }
  })

  it('of a resource with a query is at the same query, and nowhere else (RFC 9728 §3.1)', async () => {
    const resource = 'https://api.example.com/v2?tenant=a&b'
    const apps = await start({ resource })
    const [app] = apps
    expect(app?.server.metadata.url).toBe(`https://api.example.com${PATH}/v2?tenant=a&b`)
    for (const { status, body } of await documents(apps, `${PATH}/v2?tenant=a&b`)) {
      expect([status, body]).toMatchObject([200, { resource }])
    }
    for (const query of ['', '?', '?tenant=a', '?tenant=a&b&c', '?b&tenant=a', '?tenant=b&b']) {
      const others = await documents(apps, `${PATH}/v2${query}`)
      expect(others.map(({ status }) => status)).toEqual(apps.map(() => 404))
    }
  })

  it.each(['https://API.example.com:443/', 'https://api.example.com', 'https://api.example.com/'])(
    'names the resource exactly as it was configured: %s (RFC 9728 §3.3)',
    async (resource) => {
      const apps = await start({ resource })
      for (const { body } of await documents(apps, PATH)) expect(body).toMatchObject({ resource })
    },
  )

  it('may be requested by browsers with custom headers', async () => {
    const apps = await start()
    const lines = [
      'Origin: https://client.example',
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: mcp-protocol-version',
    ]
    for (const app of apps) {
      const { status, header, body } = await exchange(app.port, { target: PATH, method: 'OPTIONS', lines })
      expect([app.name, status, body]).toEqual([app.name, 204, ''])
      expect({
        origin: header('Access-Control-Allow-Origin'),
        methods: header('Access-Control-Allow-Methods'),
        headers: header('Access-Control-Allow-Headers'),
        age: header('Access-Control-Max-Age'),
        length: header('Content-Length'), // RFC 9110 §8.6
      }).toEqual({ origin: '*', methods: 'GET, HEAD', headers: '*', age: '3600', length: undefined })
    }
    for (const target of [`${PATH}/v3`, '/orders/x']) {
      for (const app of apps) {
        expect((await exchange(app.port, { target, method: 'OPTIONS', lines })).status, app.name).toBe(404)
      }
    }
  })
})

describe('what the option metadata adds (RFC 9728 §2)', () => {
  it('appears in the document under the names of the standard', async () => {
    const apps = await start({
      metadata: {
        name: { default: 'Orders', fr: 'Commandes', 'pt-BR': 'Pedidos' },
        documentation: 'https://docs.example.com/',
        policy: { default: 'https://docs.example.com/policy', fr: 'https://docs.example.com/fr' },
        terms: 'https://docs.example.com/terms',
        authorizationDetailsTypes: ['payment'],
        extra: { jwks_uri: 'https://api.example.com/jwks', x: { y: [1, true, 'z', null] } },
      },
    })
    for (const { body } of await documents(apps, PATH)) {
      expect(body).toEqual({
        resource: RESOURCE,
        authorization_servers: ['https://auth.example.com'],
        bearer_methods_supported: ['header'],
        resource_name: 'Orders',
        'resource_name#fr': 'Commandes',
        'resource_name#pt-BR': 'Pedidos',
        resource_documentation: 'https://docs.example.com/',
        resource_policy_uri: 'https://docs.example.com/policy',
        'resource_policy_uri#fr': 'https://docs.example.com/fr',
        resource_tos_uri: 'https://docs.example.com/terms',
        authorization_details_types_supported: ['payment'],
        jwks_uri: 'https://api.example.com/jwks',
        x: { y: [1, true, 'z', null] },
      })
    }
  })

  it('is a copy that later changes do not affect', async () => {
    const configured = { name: 'Orders', extra: { x: { y: ['z'] } } }
    const [{ server }] = (await start({ metadata: configured })) as [App]
    const { document } = server.metadata
    configured.extra.x.y.push('changed')
    expect(document).toMatchObject({ resource_name: 'Orders', x: { y: ['z'] } })
    expect(() => Object.assign(document.x as object, { y: 1 })).toThrow(TypeError)
    expect(() => (document.authorization_servers as string[]).push('https://evil.example')).toThrow(TypeError)
  })
})

describe('signed metadata (RFC 9728 §2.2)', () => {
  const attestor = 'https://attestor.example'

  async function signedBy(key: CryptoKey | Record<string, unknown>, publicKey: CryptoKey, keyId?: string) {
    const apps = await start({
      metadata: { name: 'Orders', signed: { issuer: attestor, key, ...(keyId !== undefined && { keyId }) } },
    })
    return Promise.all(
      (await documents(apps, PATH)).map(async ({ body }) => {
        const { signed_metadata, ...plain } = body as { signed_metadata: string }
        const { payload, protectedHeader } = await jwtVerify(signed_metadata, publicKey, { issuer: attestor })
        return { plain, payload, protectedHeader, signed_metadata }
      }),
    )
  }

  it.each(['ES256', 'RS256', 'EdDSA'])('has every member as a claim, signed with %s', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg)
    for (const { plain, payload, protectedHeader } of await signedBy(privateKey, publicKey)) {
      expect(plain).toMatchObject({ resource: RESOURCE, resource_name: 'Orders' })
      expect(payload).toEqual({ ...plain, iss: attestor, iat: expect.any(Number) })
      expect(protectedHeader).toEqual({ alg })
    }
  })

  it('names the key of a JWK, or another one', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = { ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', key_ops: ['sign'] }
    const [own] = await signedBy(jwk, publicKey)
    expect(own?.protectedHeader).toEqual({ alg: 'ES256', kid: 'one' })
    const [other] = await signedBy(jwk, publicKey, 'other')
    expect(other?.protectedHeader).toEqual({ alg: 'ES256', kid: 'other' })
  })

  it('is created once', async () => {
    const { privateKey: key } = await generateKeyPair('ES256') // ECDSA signatures are random: a second one would differ
    const apps = await start({ metadata: { signed: { issuer: attestor, key } } })
    for (const app of apps) {
      const four = await Promise.all([1, 2, 3, 4].map(() => exchange(app.port, { target: PATH })))
      const bodies = new Set([...four, await exchange(app.port, { target: PATH })].map(({ body }) => body))
      expect([app.name, bodies.size]).toEqual([app.name, 1])
    }
  })

  it('does not affect preflights, and is not in the document that programs read', async () => {
    const { privateKey: key } = await generateKeyPair('ES256')
    const apps = await start({ metadata: { signed: { issuer: attestor, key } } })
    for (const app of apps) {
      expect((await exchange(app.port, { target: PATH, method: 'OPTIONS' })).status).toBe(204)
      expect(app.server.metadata.document).not.toHaveProperty('signed_metadata')
    }
  })

  it.runIf(CHECKS_POINTS)('with an unusable key is a 500, never a document without its signature', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(async () => exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)),
    )
    const key = { ...one, x: two?.x as string } // not a point of the curve
    const apps = await start({ metadata: { signed: { issuer: attestor, key } } })
    for (const app of apps) {
      const { status, body } = await exchange(app.port, { target: PATH })
      expect([app.name, status, body.includes('"resource"')]).toEqual([app.name, 500, false])
    }
  })
})
