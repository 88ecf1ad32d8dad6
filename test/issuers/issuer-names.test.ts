import {
  type BearwardEvent,
  createResourceServer,
  type IssuerOptions,
  type IssuerResolver,
  type ResourceServerOptions,
} from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { createTestIssuer, json, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { send } from '../support/upstream/requests.ts'

const kit = createKit()
const keys = keySetOf(kit.signers.ES256)
const tokenOf = (iss: string) => kit.token({ claims: kit.claims({ iss }) })

function serverWith(issuer: ResourceServerOptions['issuer']) {
  const events: BearwardEvent[] = []
  const onEvent = (event: BearwardEvent) => events.push(event)
  return { events, server: createResourceServer({ resource: RESOURCE, issuer, clock: () => NOW, onEvent }) }
}

const NAMES = [
  'stytch.com/p',
  'http://fs.example/adfs/services/trust',
  'urn:shop:issuer',
  'My issuer',
  'ftp://a',
  `${ISSUER}/?a=b#c`,
]

describe('an issuer that is not an https URL (J11, RFC 7519 §4.1.1)', () => {
  it.each(NAMES)('%s: its tokens are accepted if its keys are given', async (issuer) => {
    const { server, events } = serverWith({ issuer, keys })
    expect((await send(server, tokenOf(issuer))).status).toBe(200)
    expect(await send(server, tokenOf(`${issuer}/`))).toMatchObject({ status: 401, reason: 'issuer' })
    expect(events.filter(({ type }) => type === 'configuration' || type === 'fetch')).toEqual([])
  })

  it('is omitted from authorization_servers, and the member with it if no other is left (RFC 9728 §2)', () => {
    const documentOf = (issuer: ResourceServerOptions['issuer']) => serverWith(issuer).server.metadata.document
    for (const name of NAMES) {
      expect(documentOf({ issuer: name, keys })).not.toHaveProperty('authorization_servers')
      expect(documentOf([{ issuer: name, keys }, ISSUER]).authorization_servers).toEqual([ISSUER])
      const listed = documentOf({ allow: [name, ISSUER], resolve: () => ({ keys }) })
      expect(listed.authorization_servers).toEqual([ISSUER])
    }
  })

  it('may introspect at a given endpoint, or by a function', async () => {
    const endpoint = await createIntrospectionEndpoint()
    try {
      const token = opaqueToken()
      endpoint.responses.set(token, activeResponse({ iss: 'stytch.com/p', exp: NOW + 60, iat: NOW }))
      const introspection = { endpoint: endpoint.url, client: CLIENT }
      const options: IssuerOptions = { issuer: 'stytch.com/p', keys: null, introspection }
      expect((await send(serverWith(options).server, token)).status).toBe(200)
      expect((await send(serverWith({ ...options, keys }).server, token)).status).toBe(200)
    } finally {
      await endpoint.stop()
    }
    const introspect = async () => ({ active: true, aud: RESOURCE }) as const
    const byFunction = serverWith({ issuer: 'stytch.com/p', introspect }).server
    expect((await send(byFunction, 'opaque')).status).toBe(200)
  })
})

describe('resolved issuers (J11)', () => {
  const RESOLVED = 'issuer.resolve()'

  it('may have any string, if what resolve() returns discovers nothing from it', async () => {
    const { server, events } = serverWith({ allow: ['stytch.com/p'], resolve: () => ({ keys }) })
    expect((await send(server, tokenOf('stytch.com/p'))).status).toBe(200)
    expect(events.filter(({ type }) => type === 'configuration')).toEqual([])
  })

  it.each<[string, unknown, option: string, says: string]>([
    ['no keys for a name that is not a URL', {}, `${RESOLVED}.issuer`, 'must be an absolute URL'],
    ['an unknown option', { keys, scopes: [] }, `${RESOLVED}.scopes`, 'is unknown'],
    ['a wrong value', { keys, clockTolerance: 61 }, `${RESOLVED}.clockTolerance`, 'from 0 to 60; got 61'],
    ['a key set over http', { keys: 'http://a.example/k' }, `${RESOLVED}.keys`, 'with allowInsecureRequests: true'],
    ['nothing', undefined, RESOLVED, 'must be an object'],
  ])('with %s: 503, and an event says which option and why', async (_, options, option, says) => {
    const resolve = (() => options) as unknown as IssuerResolver['resolve']
    const { server, events } = serverWith({ allow: ['stytch.com/p'], resolve })
    expect(await send(server, tokenOf('stytch.com/p'))).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
    expect(events.filter(({ type }) => type === 'configuration')).toEqual([
      { type: 'configuration', issuer: 'stytch.com/p', option, problem: expect.stringContaining(says) },
    ])
  })

  it('emit an event for an option that probably does not do what was intended', async () => {
    const { server, events } = serverWith({ allow: [ISSUER], resolve: () => ({ keys, scopeClaims: ['a.b'] }) })
    await send(server, tokenOf(ISSUER))
    await send(server, tokenOf(ISSUER))
    const configurations = events.filter(({ type }) => type === 'configuration')
    expect(configurations).toMatchObject([{ issuer: ISSUER, option: `${RESOLVED}.scopeClaims[0]` }])
  })
})

describe('allowInsecureRequests (M6)', () => {
  const KEYCLOAK = 'http://keycloak:8080'
  const NAME = `${KEYCLOAK}/realms/a`
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await createTestIssuer({ alg: 'ES256' })
  })
  afterAll(() => issuer.stop())

  /** A container network: its names lead to the issuer of the test. */
  async function statusWith(jwksUri: string, options: Partial<IssuerOptions>) {
    issuer.onMetadata = (_request, response) => json(response, { issuer: NAME, jwks_uri: jwksUri })
    const requested: string[] = []
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: NAME, allowInsecureRequests: true, ...options },
      fetch: (input, init) => {
        requested.push(String(input))
        const { pathname } = new URL(String(input))
        return fetch(`${issuer.url}${pathname}`, init)
      },
    })
    const { status } = await send(server, await issuer.sign({ iss: NAME }))
    return { status, requested, error: server.state().issuers[0]?.keys.lastError?.code }
  }

  it('permits an http issuer, and the URLs of its metadata on the same host and port', async () => {
    const { status, requested } = await statusWith(`${KEYCLOAK}/jwks`, {})
    expect(status).toBe(200)
    expect(requested).toEqual([`${NAME}/.well-known/openid-configuration`, `${KEYCLOAK}/jwks`])
  })

  it.each(['http://keycloak:8081/jwks', 'http://other:8080/jwks', 'http://keycloak/jwks'])(
    'permits no other host: jwks_uri %s',
    async (jwksUri) => {
      const { status, requested, error } = await statusWith(jwksUri, {})
      expect({ status, error }).toEqual({ status: 503, error: 'insecure_url' })
      expect(requested).not.toContain(jwksUri)
    },
  )

  it('permits http for keys, where the issuer is https', async () => {
    const { status, requested } = await statusWith('', { keys: `${KEYCLOAK}/jwks` })
    expect(status).toBe(200)
    expect(requested).toEqual([`${KEYCLOAK}/jwks`])
  })

  it('emits a configuration event when the server is created', () => {
    expect(serverWith({ issuer: NAME, allowInsecureRequests: true }).events).toEqual([
      {
        type: 'configuration',
        issuer: NAME,
        option: 'issuer.allowInsecureRequests',
        problem: expect.stringContaining('permits plain http'),
      },
    ])
    expect(serverWith({ issuer: ISSUER, allowInsecureRequests: false }).events).toEqual([])
  })

  it('permits an introspection endpoint over http (Hydra)', async () => {
    const endpoint = await createIntrospectionEndpoint()
    const token = opaqueToken()
    endpoint.responses.set(token, activeResponse())
    const hydra = 'http://hydra:4445/admin/oauth2/introspect'
    const requested: string[] = []
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        issuer: 'http://hydra:4444',
        allowInsecureRequests: true,
        keys: null,
        introspection: { endpoint: hydra, client: CLIENT },
      },
      fetch: (input, init) => {
        requested.push(String(input))
        return fetch(endpoint.url, init)
      },
    })
    expect((await send(server, token)).status).toBe(200)
    expect(requested).toEqual([hydra])
    await endpoint.stop()
  })
})
