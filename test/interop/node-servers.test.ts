import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ClientAuthentication, IssuerOptions, Reason } from 'bearward'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// Authorization servers from npm that bring many dependencies of their own: better-auth's OAuth provider, and
// @jmondi/oauth2-server. They have their own package and lockfile, installed here, and run in this process on loopback.

const FOLDER = fileURLToPath(new URL('servers/', import.meta.url))
const OTHER = 'https://invoices.example.com'

interface TokenResponse {
  readonly access_token: string
  readonly id_token?: string
  readonly refresh_token?: string
}

interface Server {
  readonly issuer: string
  readonly client: ClientAuthentication
  clientCredentials(form: Readonly<Record<string, string>>): Promise<TokenResponse>
  signIn(resource: string): Promise<TokenResponse>
  revoke(token: string): Promise<unknown>
  stop(): Promise<void>
}

beforeAll(() => {
  const stamp = `${FOLDER}node_modules/.installed`
  const lock = createHash('sha256')
    .update(readFileSync(`${FOLDER}package-lock.json`))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: FOLDER })
  writeFileSync(stamp, lock)
}, 300_000)

async function start(name: string, argument: unknown): Promise<Server> {
  const module = (await import(pathToFileURL(`${FOLDER}${name}.mjs`).href)) as {
    start(argument: unknown): Promise<Server>
  }
  return module.start(argument)
}

const ROUTES: readonly Route[] = [
  { path: '/orders', use: (to) => [to.requireScope('read:orders')] },
  { path: '/returns', use: (to) => [to.requireScope('returns')] },
]

const startApis = (issuer: IssuerOptions) => startAll({ resource: RESOURCE, issuer }, ROUTES)

const get = (token: string, target = '/orders') => ({ target, lines: bearer(token) })

const SHORT = { error: 'insufficient_scope', reason: 'scope', scope: 'returns' } as const
const refused = (reason: Reason) => ({ error: 'invalid_token', reason, scope: 'read:orders' }) as const

describe("better-auth's OAuth provider", () => {
  let server: Server
  let apps: readonly App[]
  const started: App[] = []
  const startMore = async (issuer: Partial<IssuerOptions>): Promise<readonly App[]> => {
    const more = await startApis({ issuer: server.issuer, ...issuer })
    started.push(...more)
    return more
  }
  beforeAll(async () => {
    server = await start('better-auth', [RESOURCE, OTHER])
    apps = await startMore({ introspection: { client: server.client } })
  }, 60_000)
  afterAll(async () => {
    await closeAll(started)
    await server?.stop()
  })

  it('JWTs of a client and of a user are accepted, also with the profile rfc9068 (RFC 9068 §2.2)', async () => {
    const ofClient = await server.clientCredentials({ resource: RESOURCE })
    const ofUser = await server.signIn(RESOURCE)
    const strict = await startMore({ profile: 'rfc9068' })
    for (const { access_token: token } of [ofClient, ofUser]) {
      await expectReached(apps, get(token))
      await expectReached(strict, get(token))
      await expectRefusal(apps, get(token, '/returns'), SHORT)
    }
  })

  it('a JWT for another API is refused (RFC 9068 §4)', async () => {
    const { access_token: token } = await server.clientCredentials({ resource: OTHER })
    await expectRefusal(apps, get(token), refused('audience'))
  })

  it('an ID token and a refresh token are refused', async () => {
    const { id_token: idToken = '', refresh_token: refreshToken = '' } = await server.signIn(RESOURCE)
    await expectRefusal(apps, get(idToken), refused('token_type'))
    // Introspection has `token_type_hint=access_token`, and the server looks no further.
    await expectRefusal(apps, get(refreshToken), refused('inactive'))
  })

  it('opaque tokens are for no API, and are accepted only with audience: null, until they are revoked', async () => {
    const { access_token: token } = await server.clientCredentials({})
    await expectRefusal(apps, get(token), refused('missing_claim'))
    const introspection = { client: server.client, cache: { active: 0, inactive: 0 } }
    const lax = await startMore({ audience: null, introspection })
    await expectReached(lax, get(token))
    await server.revoke(token)
    await expectRefusal(lax, get(token), refused('inactive'))
    await expectRefusal(lax, get('made-up'), refused('inactive'))
  })
})

describe('@jmondi/oauth2-server', () => {
  const servers: Server[] = []
  const started: App[] = []
  const startServer = async (format: 'RS256' | 'HS256'): Promise<Server> => {
    const server = await start('oauth2-server', format)
    servers.push(server)
    return server
  }
  const startMore = async (issuer: IssuerOptions): Promise<readonly App[]> => {
    const more = await startApis(issuer)
    started.push(...more)
    return more
  }
  afterAll(async () => {
    await closeAll(started)
    for (const server of servers) await server.stop()
  })

  it('JWTs with an asymmetric signature are accepted for the audience that the client requested', async () => {
    const { issuer, clientCredentials } = await startServer('RS256')
    const apps = await startMore({ issuer, keys: `${issuer}/jwks` })
    const { access_token: token } = await clientCredentials({ audience: RESOURCE })
    await expectReached(apps, get(token))
    await expectRefusal(apps, get(token, '/returns'), SHORT)
    const other = await clientCredentials({ audience: OTHER })
    await expectRefusal(apps, get(other.access_token), refused('audience'))
    const without = await clientCredentials({})
    await expectRefusal(apps, get(without.access_token), refused('missing_claim'))
  })

  it('JWTs signed with its secret, the default, are introspected, or refused (RFC 8725 §3.1)', async () => {
    const { issuer, client, clientCredentials, revoke } = await startServer('HS256')
    const introspection = { endpoint: `${issuer}/introspect`, client, cache: { active: 0, inactive: 0 } }
    const apps = await startMore({ issuer, keys: null, introspection })
    const { access_token: token } = await clientCredentials({ audience: RESOURCE })
    await expectReached(apps, get(token))
    const other = await clientCredentials({ audience: OTHER })
    await expectRefusal(apps, get(other.access_token), refused('audience'))
    const local = await startMore({ issuer, keys: `${issuer}/jwks` })
    await expectRefusal(local, get(token), refused('algorithm'))
    await revoke(token)
    await expectRefusal(apps, get(token), refused('inactive'))
  })
})
