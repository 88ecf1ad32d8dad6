import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Playground, startPlayground } from '../../examples/playground/playground.ts'
import { openStage, type Stage } from '../../examples/playground/stage.ts'

// Other pages in the same browser, and other programs on the same machine, cannot use the playground.

interface RequestOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Over TLS: the trusted certificate and the server name. */
  readonly tls?: { readonly ca?: string; readonly servername: string }
}

describe('the playground rejects foreign requests', () => {
  let playground: Playground
  let cookie: string
  let issuer: string
  beforeAll(async () => {
    playground = await startPlayground(0)
    cookie = String((await ask(playground.url, {})).headers['set-cookie']).split(';', 1)[0] ?? ''
    issuer = (JSON.parse((await ask(playground.url, { path: '/setup.json' })).body) as { issuer: string }).issuer
  })
  afterAll(() => playground?.close())

  const action = (headers: Readonly<Record<string, string>>): RequestOptions => ({
    method: 'POST',
    path: '/runs/machine/actions/token',
    headers: { cookie, ...headers },
  })

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost:1', '127.0.0.1.evil.example'])(
    'responds with 421 to the Host %j (DNS rebinding), at the page and at the authorization server',
    async (host) => {
      expect((await ask(playground.url, { headers: { host } })).status).toBe(421)
      expect((await ask(issuer, { path: '/auth', headers: { host } })).status).toBe(421)
    },
  )

  it('redirects localhost to the one name its cookies belong to, and nowhere else', async () => {
    const { port } = new URL(playground.url)
    const response = await ask(playground.url, { path: '//evil.example/', headers: { host: `localhost:${port}` } })
    expect(response).toMatchObject({ status: 307, headers: { location: `${playground.url}/` } })
  })

  it('accepts no button press from another origin', async () => {
    for (const origin of ['https://evil.example', 'null', issuer, `${playground.url}.evil.example`]) {
      expect((await ask(playground.url, action({ origin }))).status, origin).toBe(403)
    }
    expect((await ask(playground.url, action({}))).status, 'no origin').toBe(403)
    expect((await ask(playground.url, action({ origin: playground.url }))).status).toBe(200)
    expect((await ask(playground.url, action({ origin: playground.url, cookie: '' }))).status, 'no session').toBe(409)
  })

  it.each([
    '/callback?code=x&state=y&redirect_uri=https://evil.example',
    '/callback?next=//evil.example',
    '/callback/../callback?code=x',
    '//evil.example',
    '/\\evil.example',
  ])('redirects %s to no other site (open redirect)', async (path) => {
    const { status, headers } = await ask(playground.url, { path, headers: { cookie } })
    expect(String(headers.location ?? '/'), `status ${status}`).toMatch(/^\/(#[a-z]+)?$/)
  })

  it.each(['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/style/../../main.ts', '/style/%2e%2e/main.ts'])(
    'serves no file but those of the page: %s',
    async (path) => {
      expect((await ask(playground.url, { path })).status).toBe(404)
      expect((await ask(issuer, { path: path.replace('/..', '/style/..') })).body).not.toContain('import ')
    },
  )

  it('accepts no choice that was not offered', async () => {
    const present = { method: 'POST', path: '/runs/machine/present', headers: { cookie, origin: playground.url } }
    const good = { framework: 'Hono', route: 'me', place: 'header', token: 'none' }
    expect((await ask(playground.url, present, JSON.stringify(good))).status).toBe(200)
    for (const bad of [
      { route: '__proto__' },
      { place: 'toString' },
      { framework: 'http://evil.example' },
      { token: 'x' },
    ]) {
      expect((await ask(playground.url, present, JSON.stringify({ ...good, ...bad }))).status).toBe(400)
    }
    const missing = action({ origin: playground.url })
    for (const name of ['constructor', 'toString', 'nothing']) {
      const path = `/runs/machine/actions/${name}`
      expect((await ask(playground.url, { ...missing, path })).status, name).toBe(404)
    }
  })
})

describe('the TLS sockets reject foreign requests', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage('http://127.0.0.1:1')
  })
  afterAll(() => stage?.close())

  it('respond to no Host but their own (DNS rebinding)', async () => {
    const endpoint = new URL(String(stage.metadata.mtls_endpoint_aliases?.token_endpoint))
    const sockets = [
      { url: endpoint.href, name: 'localhost', own: endpoint.host, ca: stage.certificates.authorizationServer.cert },
      ...stage.apis.map(({ secureUrl, certificate }) => ({
        url: `${secureUrl}/me`,
        name: 'orders.example',
        own: 'orders.example',
        ca: certificate,
      })),
    ]
    expect(sockets).toHaveLength(4)
    for (const { url, name, own, ca } of sockets) {
      const requestTo = (host: string) => ({
        path: new URL(url).pathname,
        headers: { host },
        tls: { ca, servername: name },
      })
      expect((await ask(url, requestTo(own))).status, url).not.toBe(421)
      for (const host of [
        'evil.example',
        `${own}.evil.example`,
        `evil.${own}`,
        'localhost',
        'orders.example:1',
        '127.0.0.1',
      ]) {
        expect((await ask(url, requestTo(host))).status, `${url} as ${host}`).toBe(421)
      }
    }
  })

  it('serve nothing of the authorization server but its token endpoint (RFC 8705 §5)', async () => {
    const { origin, host } = new URL(String(stage.metadata.mtls_endpoint_aliases?.token_endpoint))
    const tls = { ca: stage.certificates.authorizationServer.cert, servername: 'localhost' }
    for (const path of ['/', '/auth', '/.well-known/openid-configuration', '/token/', '/token?x', '//token']) {
      expect((await ask(origin, { path, headers: { host }, tls })).status, path).toBe(404)
    }
  })

  it('have certificates that only the playground trusts', async () => {
    for (const { secureUrl } of stage.apis) {
      await expect(ask(secureUrl, { tls: { servername: 'orders.example' } })).rejects.toThrow(/self.signed/)
    }
  })
})

/** Raw, because `fetch` normalizes paths and chooses the Host. */
function ask(url: string, { method = 'GET', path = '/', headers = {}, tls }: RequestOptions, body?: string) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const options = { hostname, port, family: 4, method, path, headers, agent: false }
    const outgoing = (tls ? secureRequest({ ...options, ...tls }) : request(options)).on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
