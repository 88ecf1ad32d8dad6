import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/http/free-port.ts'
import { exchange } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { install, must, openWorkshop, pack, root } from './workshop.ts'

// The projects of examples/hosts, installed from the tarball, built as for production, and served.

const HANDLER = "export const GET = () => new Response('secret')\n"

/** A remote function of SvelteKit, which needs a page that uses it. */
const REMOTE = {
  'svelte.config.js': `import adapter from '@sveltejs/adapter-node'

export default {
  kit: { adapter: adapter(), experimental: { remoteFunctions: true } },
  compilerOptions: { experimental: { async: true } },
}
`,
  'src/secret.remote.ts': "import { query } from '$app/server'\n\nexport const secret = query(() => 'secret')\n",
  'src/routes/page/+page.svelte':
    "<script>\n  import { secret } from '../../secret.remote'\n</script>\n\n{await secret()}\n",
}

const HOSTS = [
  {
    name: 'next', // it reads .env itself
    build: ['node_modules/next/dist/bin/next', 'build'],
    serve: (port: string) => ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', port],
    // Next.js makes the Request from what Node.js keeps, which is the first line; docs/fetch.md says so.
    twoLines: 200,
    more: {},
    paths: [],
  },
  {
    name: 'sveltekit',
    build: ['--env-file=.env', 'node_modules/vite/bin/vite.js', 'build'],
    serve: () => ['--env-file=.env', 'build/index.js'],
    twoLines: 400,
    // Routes that do not begin with `/api/` as SvelteKit names them.
    more: {
      'src/routes/api/+server.ts': HANDLER,
      'src/routes/(internal)/api/secrets/+server.ts': HANDLER,
      ...REMOTE,
    },
    paths: [
      ['/health', 200],
      ['/api', 401],
      ['/api/secrets', 401],
      ['/nothing', 401],
      // The part in the middle is from the path of its file.
      ['/_app/remote/wc6hi5/secret', 401],
      ['/_app/remote/wc6hi5/secret', 401, { 'x-sveltekit-pathname': '/health' }],
    ],
  },
] as const

const workshop = openWorkshop()
let tarball: string
let issuer: TestIssuer
let child: ChildProcess | undefined
beforeAll(async () => {
  ;({ tarball } = await pack(workshop.folder))
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(async () => {
  child?.kill()
  if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
})
afterAll(async () => {
  await issuer.stop()
  workshop.close()
})

/** Copies a project, and installs what its package.json names, with the tarball for the package itself. */
async function project(name: string): Promise<string> {
  const folder = join(workshop.folder, name)
  const source = join(root, 'examples/hosts', name)
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const { bearward: _, ...others } = { ...dependencies, ...devDependencies }
  mkdirSync(folder)
  await install(folder, [tarball, ...Object.entries(others).map(([other, version]) => `${other}@${version}`)])
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith('package.json') })
  writeFileSync(join(folder, '.env'), `ISSUER=${issuer.url}\nRESOURCE=${RESOURCE}\nNEXT_TELEMETRY_DISABLED=1\n`)
  return folder
}

async function untilItResponds(get: (path: string) => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 600; round++) {
    const responds = await get('/').then(
      () => true,
      () => false,
    )
    if (responds) return
    await pause(100)
  }
  throw new Error('it does not listen')
}

describe.each(HOSTS)('examples/hosts/$name', ({ name, build, serve, twoLines, more, paths }) => {
  it('serves orders to those who may read them', async () => {
    const folder = await project(name)
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    await must(process.execPath, build, folder)
    const port = await freePort()
    child = spawn(process.execPath, serve(String(port)), {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port) },
      stdio: 'ignore',
    })
    const get = (path: string, token?: string, more: Readonly<Record<string, string>> = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { connection: 'close', ...(token && { authorization: `Bearer ${token}` }), ...more },
      })
    await untilItResponds(get)

    const good = await issuer.sign({ sub: 'alice', scope: 'read:orders' })
    expect(await (await get('/api/orders', good)).json()).toEqual({ orders: [], for: 'alice' })
    const refused = await get('/api/orders')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('cache-control')).toBe('no-store')
    const challenge = refused.headers.get('www-authenticate') ?? ''
    expect(challenge).toContain(
      `scope="read:orders", resource_metadata="${RESOURCE}/.well-known/oauth-protected-resource"`,
    )
    expect((await get('/.well-known/oauth-protected-resource')).status).toBe(200)
    expect((await get('/api/orders', await issuer.sign({ scope: 'other' }))).status).toBe(403)
    expect((await get('/api/orders', await issuer.sign({ exp: 1 }))).status).toBe(401)
    expect((await get('/api/orders?access_token=x', good)).status).toBe(400)
    for (const [path, status, lines] of paths)
      expect([path, (await get(path, undefined, lines)).status]).toEqual([path, status])
    // Other ways to write the path of the route.
    for (const path of [
      '/%61pi/orders',
      '/api/%6frders',
      '/api/orders/',
      '//api/orders',
      '/api/./orders',
      '/API/orders',
    ]) {
      const response = await get(path)
      expect([401, 404, 500], `${path} ${response.status}`).toContain(response.status)
      expect(await response.text()).not.toContain('"orders"')
    }
    const lines = [`Authorization: Bearer ${good}`, `Authorization: Bearer ${good}`]
    expect((await exchange(port, { target: '/api/orders', lines })).status).toBe(twoLines)
  })
})
