import { inspect } from 'node:util'
import { createResourceServer, type ResourceServerOptions } from 'bearward'
import { mcpVerifier } from 'bearward/mcp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { keySetOf } from '../corpus/keys.ts'
import { canary, expectClean } from '../support/canary/canary.ts'
import { type CanaryIssuer, createCanaryIssuer, MODES, signer } from '../support/canary/issuer.ts'
import { hostileRequests } from '../support/canary/requests.ts'
import { bearer, type RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// A3, N5: what the errors of the core contain. test/contract/canary.test.ts has all that leaves an API.

let issuer: CanaryIssuer
beforeAll(async () => {
  issuer = await createCanaryIssuer()
})
afterEach(() => {
  issuer.mode = 'good'
})
afterAll(() => issuer.stop())

const serverWith = (over: Partial<ResourceServerOptions> = {}) =>
  createResourceServer({ resource: RESOURCE, issuer: issuer.introspecting, ...over })

const errorOf = (step: () => Promise<unknown>): Promise<unknown> => step().catch((error: unknown) => error)

describe('the content of a refused request', () => {
  it('is in no error, including its cause and hidden members', async () => {
    const schema = z.object({ email: z.literal('a@example.com'), nested: z.object({ list: z.array(z.number()) }) })
    for (const over of [{}, { claims: schema }]) {
      const server = serverWith({ formTokens: 'accept', ...over })
      const good: RawRequest = { lines: bearer(issuer.token()) }
      for (const { method = 'GET', target = '/', lines = [], body } of [
        ...Object.values(hostileRequests(issuer)),
        good,
      ]) {
        const thrown = await errorOf(() =>
          server.authenticate({
            native: {},
            method,
            target,
            authorization: lines.filter((line) => line.startsWith('Authorization: ')).map((line) => line.slice(15)),
            contentType: body === undefined ? undefined : 'application/x-www-form-urlencoded',
            form: () => body,
          }),
        )
        if (thrown instanceof Error) expectClean(thrown)
      }
      expectClean(server.state())
      server.close()
    }
  })

  it('is in no error of verify(), or of a verifier for MCP', async () => {
    const server = serverWith()
    class OAuthError extends Error {
      constructor(code: string, message: string) {
        super(`${code}: ${message}`)
      }
    }
    const { verifyAccessToken } = mcpVerifier(server, { OAuthError })
    for (const raw of [
      canary(),
      `${canary()}.${canary()}.${canary()}`,
      issuer.token({ aud: canary() }),
      issuer.token({}, { kid: canary() }),
    ]) {
      for (const verify of [server.verify, verifyAccessToken]) {
        const thrown = await errorOf(() => verify(raw))
        expect(thrown).toBeInstanceOf(Error)
        expectClean(thrown)
      }
    }
    server.close()
  })
})

describe('what an upstream sends', () => {
  it.each(MODES)('is in no error and in no state: %s', async (mode) => {
    issuer.mode = mode
    const server = serverWith()
    const ready = await errorOf(() => server.ready())
    // Keys are loaded whatever the media type of what names and has them (K13).
    expect(ready instanceof Error).toBe(mode !== 'good' && mode !== 'type')
    expectClean(ready)
    const verified = await errorOf(() => server.verify(issuer.opaque()))
    expect(verified instanceof Error).toBe(mode !== 'good')
    if (mode !== 'good') expectClean(verified)
    expectClean(server.state())
    server.close()
  })
})

describe('the access token of a request', () => {
  it('does not expose the raw token to logs, JSON and copies', async () => {
    const server = serverWith({ issuer: { issuer: issuer.url, keys: keySetOf(signer) } })
    const raw = issuer.token()
    const signature = raw.slice(raw.lastIndexOf('.') + 1)
    const accessToken = await server.verify(raw)
    expect(accessToken.raw).toBe(raw)
    const depth = Number.POSITIVE_INFINITY
    const views = [
      inspect(accessToken, { depth, showHidden: true }),
      inspect(accessToken, { depth, getters: true }),
      inspect(accessToken, { depth, showHidden: true, customInspect: false, showProxy: true }),
      inspect({ request: { accessToken } }, { depth, showHidden: true }),
      inspect(Object.create(accessToken as object), { depth, showHidden: true }),
      JSON.stringify(accessToken),
      JSON.stringify({ ...accessToken }),
      JSON.stringify(Object.assign({}, accessToken)),
      inspect(structuredClone({ ...accessToken, hasScope: undefined }), { depth: 9, showHidden: true }),
      inspect(structuredClone(accessToken), { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(accessToken)),
      JSON.stringify(namesIn(accessToken)),
      String(accessToken),
      `${Object.values(Object.getOwnPropertyDescriptors(accessToken)).map((one) => inspect(one, { depth: 9 }))}`,
    ]
    for (const view of views) expect(view).not.toContain(signature)
    server.close()
  })
})

/** What `for…in` sees, which some loggers copy. */
function namesIn(value: object): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name in value) found[name] = (value as Record<string, unknown>)[name]
  return found
}
