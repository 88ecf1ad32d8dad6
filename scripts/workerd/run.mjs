// Tests a bundled Hono program on workerd with real requests, with and without node compatibility, with a configured and
// with a discovered key set.
//
//   npm run test:workerd
//
// BEARWARD_TEST_REPORT names a file for the counts, as it does for the other tests.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

// Not in the lock file: its packages are large, and nothing else needs them.
const VERSION = '1.20261117.1'
if (process.argv[2] === '--version') {
  console.log(VERSION)
  process.exit()
}

const workerd = `workerd@${VERSION}`
const report = process.env.BEARWARD_TEST_REPORT
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bearward-workerd-'))
const resource = 'https://api.example.com'
const started = []
const counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 }

async function createIssuer() {
  const issuer = { keys: [], current: undefined, delay: 0, fetches: 0, url: '' }
  issuer.rotate = async (kid) => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    issuer.current = { kid, key: pair.privateKey }
    issuer.keys = [...issuer.keys.slice(-1), { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }]
  }
  issuer.token = ({ scope = 'read:orders', audience = resource } = {}) =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: issuer.current.kid })
      .setIssuer(issuer.url)
      .setAudience(audience)
      .setSubject('alice')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(issuer.current.key)
  const server = createServer(async (request, response) => {
    const send = (value) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(value))
    }
    if (request.url === '/jwks') {
      issuer.fetches++
      await pause(issuer.delay)
      return send({ keys: issuer.keys })
    }
    if (request.url?.startsWith('/.well-known/')) return send({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` })
    response.statusCode = 404
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer.url = `http://127.0.0.1:${server.address().port}`
  issuer.close = () => {
    server.close()
    server.closeAllConnections()
  }
  await issuer.rotate('one')
  return issuer
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function reachable(port) {
  for (let attempt = 0; attempt < 600; attempt++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await pause(100)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('workerd did not start to listen')
}

/** Starts a worker with these settings. Returns functions to send a request and to stop it. */
async function start(name, flags, settings) {
  const port = await freePort()
  const config = join(folder, `${name}.capnp`)
  // The date is the last month in which node compatibility was not yet the default, so that a flag decides about it.
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "loopback", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-08-01",
  compatibilityFlags = ${JSON.stringify(flags)},
  bindings = [(name = "SETTINGS", json = ${JSON.stringify(JSON.stringify(settings))})],
  globalOutbound = "loopback",
);
`,
  )
  // A separate process group: the executable is a script around the real one, and both must end.
  const child = spawn('npx', ['-y', '-p', workerd, 'workerd', 'serve', config], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {}
  }
  started.push(stop)
  await reachable(port)
  const ask = async (token, path = '/orders', timeout = 10_000) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const url = `http://127.0.0.1:${port}${path}`
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeout) })
    return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.text() }
  }
  return { ask, stop }
}

async function check(name, work) {
  try {
    await work()
    counts.numPassedTests++
    console.log(`  ok      ${name}`)
  } catch (error) {
    counts.numFailedTests++
    console.log(`  FAILED  ${name}: ${error.message}`)
  }
}

function expectStatus(response, status) {
  if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${response.body}`)
  const challenged = response.challenge?.startsWith('Bearer realm=') === true
  if (challenged !== (status !== 200)) throw new Error(`challenge with ${status}: ${response.challenge}`)
}

async function withStaticKeys(label, flags) {
  const issuer = await createIssuer()
  issuer.close()
  const settings = { resource, issuer: { issuer: issuer.url, keys: { keys: issuer.keys } } }
  const { ask, stop } = await start(`static-${label}`, flags, settings)
  await check(
    `${label}, static keys: built-in modules of Node are ${flags.length > 0 ? '' : 'not '}there`,
    async () => {
      const { body } = await ask(undefined, '/runtime')
      if (JSON.parse(body).node !== flags.length > 0) throw new Error(body)
    },
  )
  await check(`${label}, static keys: no token is 401`, async () => expectStatus(await ask(), 401))
  await check(`${label}, static keys: a good token is 200`, async () => {
    const response = await ask(await issuer.token())
    expectStatus(response, 200)
    if (!response.body.includes('alice')) throw new Error(response.body)
  })
  await check(`${label}, static keys: a missing scope is 403`, async () =>
    expectStatus(await ask(await issuer.token({ scope: 'write:orders' })), 403),
  )
  await check(`${label}, static keys: another audience is 401`, async () =>
    expectStatus(await ask(await issuer.token({ audience: 'https://other.example.com' })), 401),
  )
  await check(`${label}, static keys: a changed signature is 401`, async () => {
    const token = await issuer.token()
    expectStatus(await ask(`${token.slice(0, -8)}${token.at(-8) === 'A' ? 'B' : 'A'}${token.slice(-7)}`), 401)
  })
  await check(`${label}, static keys: a token in the query is 400`, async () =>
    expectStatus(await ask(undefined, '/orders?access_token=x'), 400),
  )
  stop()
}

/** Runs `work` on a new worker with discovered keys, fresh for a second. */
async function discovering(name, flags, work) {
  const issuer = await createIssuer()
  const settings = { resource, issuer: { issuer: issuer.url, jwksCache: { maxAge: 1, cooldown: 1 } } }
  const { ask, stop } = await start(name, flags, settings)
  await work(issuer, ask)
  issuer.close()
  stop()
}

async function withDiscovery(label, flags) {
  await discovering(`cold-${label}`, flags, async (issuer, ask) => {
    await check(`${label}, discovery: 20 requests at once on a cold worker are all 200, with one fetch`, async () => {
      // workerd ties I/O to the request that started it, but the other requests wait for the same promise.
      issuer.delay = 200
      const token = await issuer.token()
      for (const response of await Promise.all(Array.from({ length: 20 }, () => ask(token))))
        expectStatus(response, 200)
      if (issuer.fetches !== 1) throw new Error(`${issuer.fetches} fetches`)
    })
    await check(`${label}, discovery: no token is 401`, async () => expectStatus(await ask(), 401))
    await check(`${label}, discovery: a rotated key is picked up`, async () => {
      await pause(1200)
      await issuer.rotate('two')
      expectStatus(await ask(await issuer.token()), 200)
    })
  })
  // On workerd, the I/O of a request ends with the request, at any point and without an error: promises that wait for it
  // stay pending forever. No other request may depend on such a promise.
  await discovering(`background-${label}`, flags, async (issuer, ask) => {
    await check(`${label}, discovery: a refresh that ends with its request does not block cached keys`, async () => {
      const token = await issuer.token()
      expectStatus(await ask(token), 200)
      issuer.delay = 300
      for (let round = 0; round < 3; round++) {
        await pause(900) // time for a background refresh, which this response does not wait for
        expectStatus(await ask(token), 200)
      }
      await pause(2500) // past twice the lifetime, where a request does wait
      expectStatus(await ask(token), 200)
    })
    await check(`${label}, discovery: nor a rotation`, async () => {
      await issuer.rotate('two')
      await eventually(200, async () => ask(await issuer.token()))
    })
  })
  await discovering(`gone-${label}`, flags, async (issuer, ask) => {
    await check(`${label}, discovery: a first client that goes away does not take the keys with it`, async () => {
      issuer.delay = 1000
      const token = await issuer.token()
      await ask(token, '/orders', 300).catch(() => undefined)
      issuer.delay = 0
      await eventually(200, () => ask(token))
    })
  })
  await discovering(`stale-${label}`, flags, async (issuer, ask) => {
    await check(`${label}, discovery: stale keys stay in use while the issuer is down`, async () => {
      const token = await issuer.token()
      expectStatus(await ask(token), 200)
      issuer.close()
      for (let round = 0; round < 3; round++) {
        await pause(900)
        expectStatus(await ask(token), 200)
      }
    })
  })
}

/** Retries refusals and outages until the status is as expected. A missing response fails. */
async function eventually(status, send) {
  for (let attempt = 1; ; attempt++) {
    const response = await send()
    if (response.status === status || attempt === 10) return expectStatus(response, status)
    if (response.status !== 503 && response.status !== 401) expectStatus(response, status)
    await pause(1000)
  }
}

try {
  execFileSync('npx', ['-y', '-p', workerd, 'workerd', '--version'], { stdio: ['ignore', 'inherit', 'inherit'] })
  await build({
    entryPoints: [join(here, 'app.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  })
  for (const [label, flags] of [
    ['plain', []],
    ['nodejs_compat', ['nodejs_compat']],
  ]) {
    await withStaticKeys(label, flags)
    await withDiscovery(label, flags)
  }
} catch (error) {
  counts.numFailedTests++
  console.error(error)
} finally {
  for (const stop of started) stop()
  rmSync(folder, { recursive: true, force: true })
}

console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed`)
if (report !== undefined) writeFileSync(report, JSON.stringify(counts))
process.exit(counts.numFailedTests === 0 ? 0 : 1)
