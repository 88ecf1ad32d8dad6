import type { BearwardEvent, IssuerOptions, IssuerResolver, ResourceServerOptions } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySetOf, type Signer } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App } from '../support/apps/app.ts'
import { ADAPTERS, closeAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { createUpstreamServer, documents, type UpstreamServer } from '../support/upstream/server.ts'
import { ORDERS } from './orders-api.ts'

// Issuers that are not https URLs, on every adapter: J11 and M6.

const kit = createKit()
/** Two keys with the same `kid`: keys of two issuers must never mix. */
const { strict } = kit
const first = kit.signers.ES256

const FIRST = 'stytch.com/p'
const NAMES = [FIRST, 'http://fs.example/adfs/services/trust', 'urn:shop:issuer', 'My issuer']
const OPAQUE = 'opaque.example/p'
const KEYCLOAK = 'http://keycloak:8080'
const [REALM, STRAY] = [`${KEYCLOAK}/realms/a`, `${KEYCLOAK}/realms/b`]
const HYDRA = 'http://hydra:4444'

let endpoint: IntrospectionEndpoint
let network: UpstreamServer
/** The requests and the events of each adapter. */
const requested: string[][] = ADAPTERS.map(() => [])
const events: BearwardEvent[][] = ADAPTERS.map(() => [])
let apps: readonly App[] = []
let tenants: readonly App[] = []

const start = (issuer: ResourceServerOptions['issuer']): Promise<readonly App[]> =>
  Promise.all(
    ADAPTERS.map(async (startOne, index) =>
      startOne({
        options: {
          resource: RESOURCE,
          issuer,
          clock: () => NOW,
          onEvent: (event) => void events[index]?.push(event),
          fetch: (input, init) => {
            requested[index]?.push(String(input))
            return throughNetwork(new URL(String(input)), init)
          },
        },
        routes: ORDERS,
      }),
    ),
  )

/** A container network: its names lead to the servers of the test. */
function throughNetwork({ hostname, pathname }: URL, init?: RequestInit): Promise<Response> {
  const origin = { keycloak: network.url, hydra: endpoint.origin, '127.0.0.1': endpoint.origin }[hostname]
  return origin ? fetch(origin + pathname, init) : Promise.reject(new Error('no such host'))
}

beforeAll(async () => {
  endpoint = await createIntrospectionEndpoint()
  network = await createUpstreamServer(
    documents({
      '/realms/a/.well-known/openid-configuration': { issuer: REALM, jwks_uri: `${KEYCLOAK}/jwks` },
      '/realms/b/.well-known/openid-configuration': { issuer: STRAY, jwks_uri: 'http://other:8080/jwks' },
      '/jwks': keySetOf(strict),
    }),
  )
  const introspection = { endpoint: endpoint.url, client: CLIENT, deadline: 20 }
  apps = await start([
    ...NAMES.map((issuer): IssuerOptions => ({ issuer, keys: keySetOf(issuer === FIRST ? first : strict) })),
    { issuer: ISSUER, keys: keySetOf(strict) },
    { issuer: OPAQUE, keys: null, introspection },
    { issuer: REALM, allowInsecureRequests: true, deadline: 20 },
    { issuer: STRAY, allowInsecureRequests: true },
    {
      issuer: HYDRA,
      tokenPrefix: 'hydra_',
      keys: null,
      allowInsecureRequests: true,
      introspection: { ...introspection, endpoint: `${HYDRA}/introspect` },
    },
  ])
  const resolved: Readonly<Record<string, unknown>> = {
    [FIRST]: { keys: keySetOf(first) },
    'no-keys': {},
    'a wrong value': { keys: keySetOf(first), clockTolerance: 61 },
  }
  tenants = await start({
    allow: Object.keys(resolved),
    resolve: ((iss) => resolved[iss]) as IssuerResolver['resolve'],
  })
})
afterAll(async () => {
  await closeAll([...apps, ...tenants])
  await Promise.all([endpoint.stop(), network.stop()])
})

const tokenOf = (iss: string, signer: Signer) => bearer(kit.token({ claims: kit.claims({ iss }), signer }))
const opaque = (iss: string, prefix = '') => {
  const token = opaqueToken(prefix)
  endpoint.responses.set(token, activeResponse({ iss, iat: NOW, exp: NOW + 60 }))
  return bearer(token)
}
const refused = { error: 'invalid_token', scope: 'read:orders' } as const

/** On each adapter: what constructing it with these issuers throws. */
const thrownFor = (issuer: unknown): Promise<unknown[]> =>
  Promise.all(
    ADAPTERS.map(async (startOne) => {
      const settings = { options: { resource: RESOURCE, issuer: issuer as string }, routes: ORDERS }
      // Some throw and some reject.
      const outcome = await (async () => startOne(settings))().catch((error: unknown) => error)
      if (!(outcome instanceof Error)) await closeAll([outcome as App])
      return outcome instanceof Error ? outcome.message : outcome
    }),
  )

describe('an issuer that is not an https URL (J11, RFC 7519 §4.1.1)', () => {
  it.each(NAMES)('%s: tokens with exactly this iss are accepted, if its keys are given', async (name) => {
    const signer = name === FIRST ? first : strict
    expect(await expectReached(apps, { lines: tokenOf(name, signer) })).toMatchObject({ issuer: name })
    for (const other of [`${name}/`, name.toUpperCase(), `https://${name}`]) {
      await expectRefusal(apps, { lines: tokenOf(other, signer) }, { ...refused, reason: 'issuer' })
    }
    const wrong = tokenOf(name, name === FIRST ? strict : first)
    await expectRefusal(apps, { lines: wrong }, { ...refused, reason: 'signature' })
    expect(requested.flat()).toEqual([])
  })

  it('may introspect at a given endpoint', async () => {
    expect(await expectReached(apps, { lines: opaque(OPAQUE) })).toMatchObject({ issuer: OPAQUE })
    await expectRefusal(apps, { lines: bearer(opaqueToken()) }, { ...refused, reason: 'inactive' })
    await expectRefusal(apps, { lines: opaque(`${OPAQUE}/`) }, { ...refused, reason: 'issuer' })
  })

  it('is omitted from authorization_servers, and the member with it if no other is left (RFC 9728 §2)', async () => {
    const target = '/.well-known/oauth-protected-resource'
    const documentOf = async (all: readonly App[]) => JSON.parse((await responseOfAll(all, { target })).body) as object
    expect(await documentOf(apps)).toMatchObject({ authorization_servers: [ISSUER, REALM, STRAY, HYDRA] })
    expect(await documentOf(tenants)).not.toHaveProperty('authorization_servers')
  })

  it.each([[['']], [[FIRST, 5]], [[null]], [new Set([FIRST, undefined])]])(
    'a list of a resolver with %o is refused at construction',
    async (allow) => {
      const thrown = await thrownFor({ allow, resolve: () => ({}) })
      expect(thrown).toEqual(ADAPTERS.map(() => expect.stringMatching(/option issuer\.allow/)))
    },
  )

  it('resolved: served with usable options, otherwise 503 without a challenge, and an event says why', async () => {
    await expectReached(tenants, { lines: tokenOf(FIRST, first) })
    for (const list of events) list.length = 0
    for (const name of ['no-keys', 'a wrong value']) {
      const { status, all, header, body } = await responseOfAll(tenants, { lines: tokenOf(name, first) })
      expect([status, all('WWW-Authenticate'), header('Cache-Control')]).toEqual([503, [], 'no-store'])
      expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
      expect(JSON.parse(body)).toMatchObject({ reason: 'issuer_unavailable' })
    }
    expect(events.map((list) => list.filter(({ type }) => type === 'configuration'))).toEqual(
      ADAPTERS.map(() => [
        expect.objectContaining({ issuer: 'no-keys', option: 'issuer.resolve().issuer' }),
        expect.objectContaining({ issuer: 'a wrong value', option: 'issuer.resolve().clockTolerance' }),
      ]),
    )
  })
})

describe('allowInsecureRequests (M6)', () => {
  const clear = () => {
    for (const list of requested) list.length = 0
  }

  it('permits an http issuer, and the URLs of its metadata on the same host and port', async () => {
    clear()
    expect(await expectReached(apps, { lines: tokenOf(REALM, strict) })).toMatchObject({ issuer: REALM })
    const urls = [`${REALM}/.well-known/openid-configuration`, `${KEYCLOAK}/jwks`]
    expect(requested).toEqual(ADAPTERS.map(() => urls))
    await expectRefusal(apps, { lines: tokenOf(REALM, first) }, { ...refused, reason: 'signature' })
  })

  it('permits no other host: 503, and nothing is requested from it', async () => {
    clear()
    const { status, all, body } = await responseOfAll(apps, { lines: tokenOf(STRAY, strict) })
    expect([status, all('WWW-Authenticate'), JSON.parse(body)]).toMatchObject([503, [], { reason: 'keys_unavailable' }])
    expect(new Set(requested.flat().map((url) => new URL(url).origin))).toEqual(new Set([KEYCLOAK]))
  })

  it('permits an introspection endpoint over http (Hydra)', async () => {
    clear()
    expect(await expectReached(apps, { lines: opaque(HYDRA, 'hydra_') })).toMatchObject({ issuer: HYDRA })
    await expectRefusal(apps, { lines: bearer(opaqueToken('hydra_')) }, { ...refused, reason: 'inactive' })
    expect(new Set(requested.flat())).toEqual(new Set([`${HYDRA}/introspect`]))
  })

  it('emits a configuration event for each such issuer; without it, construction fails and names it', async () => {
    const started = await start([{ issuer: REALM, allowInsecureRequests: true }])
    await closeAll(started)
    const emitted = events.map((list) => list.at(-1))
    expect(emitted).toEqual(
      ADAPTERS.map(() =>
        expect.objectContaining({ type: 'configuration', issuer: REALM, option: 'issuer[0].allowInsecureRequests' }),
      ),
    )
    const thrown = await thrownFor(REALM)
    expect(thrown).toEqual(ADAPTERS.map(() => expect.stringMatching(/option issuer.*allowInsecureRequests/s)))
  })
})
