import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { APP, type GitHub, startGitHub } from './github-stand-in.ts'
import { ask, type Program, runProgram, startProgram } from './program.ts'

// examples/github.ts as users run it, against a stand-in that follows GitHub's documentation.

let github: GitHub
let program: Program
let settings: Record<string, string>
beforeEach(async () => {
  github = await startGitHub()
  settings = { RESOURCE, GITHUB_API: github.url, GITHUB_CLIENT_ID: APP.id, GITHUB_CLIENT_SECRET: APP.secret }
  program = await startProgram('github', settings)
})
afterEach(async () => {
  await program.stop()
  await github.stop()
})

let issued = 0

/** A token in GitHub's format: a prefix and 36 characters. */
function issue({
  prefix = 'gho_',
  scopes = ['repo', 'read:user'] as string[] | null,
  expires_at = null as string | null,
} = {}) {
  const token = `${prefix}${String(++issued).padStart(36, 'A')}`
  github.tokens.set(token, { user: { id: 583_231, login: 'octocat' }, scopes, expires_at })
  return token
}

describe('the tokens of a GitHub app', () => {
  it('are accepted, with their user', async () => {
    const response = await ask(program, '/me', issue())
    expect(response).toMatchObject({ status: 200, body: { id: '583231', login: 'octocat' } })
  })

  it('are checked once, and then not again for a minute', async () => {
    const token = issue()
    for (let round = 0; round < 5; round++) expect((await ask(program, '/me', token)).status).toBe(200)
    expect(github.requestCount()).toBe(1)
  })

  it('are checked once for concurrent requests', async () => {
    const token = issue()
    const responses = await Promise.all(Array.from({ length: 50 }, () => ask(program, '/me', token)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    expect(github.requestCount()).toBe(1)
  })

  it('have the scopes that GitHub returns; those of a GitHub App have none', async () => {
    expect((await ask(program, '/repositories', issue())).status).toBe(200)
    for (const token of [issue({ scopes: ['read:user'] }), issue({ prefix: 'ghu_', scopes: null })]) {
      const response = await ask(program, '/repositories', token)
      expect(response).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
      expect(response.headers.get('www-authenticate')).toContain('scope="repo"')
      expect((await ask(program, '/me', token)).status).toBe(200)
    }
  })

  it('are refused once GitHub has revoked them', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString()
    expect((await ask(program, '/me', issue({ prefix: 'ghu_', expires_at: inAnHour }))).status).toBe(200)
    const expired = await ask(program, '/me', issue({ prefix: 'ghu_', expires_at: '2011-09-08T17:26:27Z' }))
    expect(expired).toMatchObject({ status: 401, body: { reason: 'expired' } })
  })
})

describe('other tokens', () => {
  it('are refused if GitHub does not know them, with one request', async () => {
    const unknown = `gho_${'0'.repeat(36)}`
    for (let round = 0; round < 3; round++) {
      expect(await ask(program, '/me', unknown)).toMatchObject({ status: 401, body: { reason: 'inactive' } })
    }
    expect(github.requestCount()).toBe(1)
  })

  it("are refused without a request if their format is not GitHub's", async () => {
    for (const token of [
      'ghp_0123456789012345678901234567890123456',
      'something-else',
      'gho_short',
      `gho_${'~'.repeat(36)}`,
    ]) {
      expect(await ask(program, '/me', token)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    }
    expect(await ask(program, '/me')).toMatchObject({ status: 401 })
    expect(github.requestCount()).toBe(0)
  })
})

const replying =
  (status: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"message":"SECRET-TEXT"}')

const inSeconds = (seconds: number): string => String(Math.ceil(Date.now() / 1000) + seconds)

describe('a rate limit of GitHub', () => {
  const LIMITS: Readonly<Record<string, { instead: () => GitHub['instead']; from: number; to: number }>> = {
    'by Retry-After, with 429': { instead: () => replying(429, { 'retry-after': '17' }), from: 16, to: 17 },
    'by Retry-After, with 403': { instead: () => replying(403, { 'retry-after': '17' }), from: 16, to: 17 },
    'by X-RateLimit-Reset': {
      instead: () => replying(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(40) }),
      from: 35,
      to: 41,
    },
    'by X-RateLimit-Reset that has passed': {
      instead: () => replying(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(-5) }),
      from: 1,
      to: 1,
    },
    'without a word on its length': { instead: () => replying(403), from: 59, to: 60 },
  }

  it.each(Object.entries(LIMITS))(
    '%s is respected: 503 until then, and no request',
    async (_, { instead, from, to }) => {
      github.instead = instead()
      const first = await ask(program, '/me', issue())
      expect(first).toMatchObject({ status: 503, body: { reason: 'introspection_unavailable' } })
      expect(Number(first.headers.get('retry-after'))).toBeGreaterThanOrEqual(from)
      expect(Number(first.headers.get('retry-after'))).toBeLessThanOrEqual(to)
      expect(first.headers.has('www-authenticate')).toBe(false)
      if (from > 1) {
        expect((await ask(program, '/me', issue())).status).toBe(503)
        expect(github.requestCount()).toBe(1)
      }
    },
  )

  it('does not affect tokens that were checked before', async () => {
    const token = issue()
    await ask(program, '/me', token)
    github.instead = replying(429, { 'retry-after': '17' })
    await ask(program, '/me', issue())
    expect((await ask(program, '/me', token)).status).toBe(200)
  })
})

describe('an outage of GitHub', () => {
  const OUTAGES: Readonly<Record<string, GitHub['instead']>> = {
    'a validation that failed': replying(422),
    'an error': replying(500),
    'a gateway without a server': replying(502),
    'a redirect': replying(307, { location: 'http://127.0.0.1:9/' }),
    'a response that is not JSON': (response) => void response.writeHead(200).end('<html>SECRET-TEXT'),
    'a response of another shape': (response) => void response.writeHead(200).end('{"scopes":["repo"]}'),
    'a connection that ends': (response) => void response.destroy(),
  }

  it.each(Object.entries(OUTAGES))('%s is a 503, and recovers', async (_, instead) => {
    const token = issue()
    github.instead = instead
    const response = await ask(program, '/me', token)
    expect(response).toMatchObject({ status: 503, body: { reason: 'introspection_unavailable' } })
    expect(JSON.stringify([response.body, ...response.headers])).not.toContain('SECRET-TEXT')
    github.instead = undefined
    expect((await ask(program, '/me', token)).status).toBe(200)
  })
})

describe('the program', () => {
  it('reports its own wrong secret to its operator only: callers get 503', async () => {
    await program.stop()
    program = await startProgram('github', { ...settings, GITHUB_CLIENT_SECRET: 'wrong' })
    expect(await ask(program, '/me', issue())).toMatchObject({ status: 503 })
  })

  it('stops on request', async () => {
    await ask(program, '/me', issue())
    expect((await program.stop()).code).toBe(0)
    program = await startProgram('github', settings)
  })

  it.each(['RESOURCE', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'])('reports that %s is missing', async (name) => {
    const { [name]: _, ...rest } = settings
    expect(await runProgram('github', rest)).toMatchObject({
      code: 2,
      output: expect.stringContaining(`${name} is not set`),
    })
  })
})
