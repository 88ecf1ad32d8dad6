import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectRefusal, responseOfAll } from '../support/apps/expect-response.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

let issuer: TestIssuer
let apps: readonly App[]
let good: string

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  apps = await startAll({ resource: RESOURCE, issuer: issuer.url, formTokens: 'accept' }, [
    { path: '/form', methods: ['POST'], use: (bound) => [bound.protect()] },
  ])
  good = await issuer.sign()
})
afterAll(async () => {
  await closeAll(apps)
  await issuer.stop()
})

const post = (body: string) => ({
  method: 'POST',
  target: '/form',
  lines: ['Content-Type: application/x-www-form-urlencoded'],
  body,
})

describe('names that only some parsers read as access_token (RFC 6750 §2.2)', () => {
  for (const name of ['access_token[]', 'access_token[0]', 'access_token[x]', 'access_token%5B%5D']) {
    it(`${name} is not a token on any adapter`, async () => {
      await expectRefusal(apps, post(`${name}=${good}`), { error: 'invalid_request', reason: 'form_syntax' })
      await expectRefusal(apps, post(`access_token=${good}&${name}=x`), {
        error: 'invalid_request',
        reason: 'several_credentials',
      })
    })
  }
})

describe('a form body of any size', () => {
  it('is read up to the limit only, where no body parser has set one', async () => {
    const hono = apps.filter((app) => app.name.startsWith('Hono'))
    expect(hono).toHaveLength(2)
    const body = `padding=${'x'.repeat(70_000)}&access_token=${good}`
    const response = await responseOfAll(hono, post(body))
    expect([response.status, JSON.parse(response.body).reason]).toEqual([400, 'form_too_large'])
  })
})
