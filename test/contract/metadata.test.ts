import type { ResourceServerOptions } from 'bearward'
import { afterAll, describe, expect, it } from 'vitest'
import type { App } from '../support/app.ts'
import { closeAll, startAll } from '../support/apps.ts'
import { RESOURCE } from '../support/issuer.ts'
import { exchange } from '../support/raw-http.ts'
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
      const { status, field, body } = await exchange(app.port, { target, method })
      return {
        status,
        type: field('Content-Type'),
        cache: field('Cache-Control'),
        origin: field('Access-Control-Allow-Origin'),
        body: status === 200 && body !== '' ? (JSON.parse(body) as unknown) : undefined,
      }
    }),
  )
}

const FOUND = { status: 200, type: 'application/json', cache: 'public, max-age=3600', origin: '*' }

describe('the protected resource metadata (RFC 9728 §3)', () => {
  it('is served to anybody, with the members of RFC 9728 §2', async () => {
    const apps = await start({ scopes: ['read:orders', 'write:orders', 'admin', 'team'] })
    const body = {
      resource: RESOURCE,
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['read:orders', 'write:orders', 'admin', 'team'],
      bearer_methods_supported: ['header'],
    }
    expect(await documents(apps, PATH)).toEqual(apps.map(() => ({ ...FOUND, body })))
  })

  it('is served to HEAD without a body', async () => {
    const apps = await start()
    expect(await documents(apps, PATH, 'HEAD')).toEqual(apps.map(() => ({ ...FOUND, body: undefined })))
  })

  it('is found with a query behind its path', async () => {
    const apps = await start()
    expect((await documents(apps, `${PATH}?a=1`)).map(({ status }) => status)).toEqual(apps.map(() => 200))
  })

  it('tells of form tokens where they are accepted', async () => {
    const apps = await start({ formTokens: 'accept' })
    for (const { body } of await documents(apps, PATH)) {
      expect(body).toMatchObject({ bearer_methods_supported: ['header', 'body'] })
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
})
