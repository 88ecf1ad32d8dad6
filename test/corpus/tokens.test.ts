import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORDERS } from '../contract/orders-api.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { acceptedTokens } from './accepted-tokens.ts'
import { createKit, optionsFor } from './kit.ts'
import { TOKEN_FAMILIES } from './tokens/index.ts'

// The URLs that the tokens want us to fetch: there must be no request.
const requests: string[] = []
const attacker = createServer((request, response) => {
  requests.push(request.url ?? '')
  response.end()
})
await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))

const kit = createKit(`http://127.0.0.1:${(attacker.address() as AddressInfo).port}`)
const fetched: string[] = []
let apps: readonly App[]

beforeAll(async () => {
  apps = await startAll(optionsFor(kit, fetched), ORDERS)
  // The token that most others derive from is cached as good: none of them may be mistaken for it.
  await expectReached(apps, { lines: bearer(kit.token()) })
})

afterAll(async () => {
  await closeAll(apps)
  attacker.close()
})

for (const { family, make } of TOKEN_FAMILIES) {
  describe(family, () => {
    it.each(make(kit))('refuses $name', async ({ token, reason, error = 'invalid_token' as const }) => {
      const refusal = { error, reason, scope: 'read:orders' }
      await expectRefusal(apps, { lines: bearer(token) }, refusal)
      // The second time, a good token without the scope comes from the cache, and grants nothing more.
      if (error === 'insufficient_scope') await expectRefusal(apps, { lines: bearer(token) }, refusal)
    })
  })
}

describe('unusual but legal tokens', () => {
  it.each(acceptedTokens(kit))('accepts $name', async ({ token }) => {
    const reached = await expectReached(apps, { lines: bearer(token) })
    expect(reached).toMatchObject({ route: '/orders', scopes: expect.arrayContaining(['read:orders']) })
    // The second time it comes from the cache.
    expect(await expectReached(apps, { lines: bearer(token) })).toEqual(reached)
  })
})

describe('side effects of hostile tokens (RFC 8725 §3.10)', () => {
  it('no request to any host', () => {
    expect(requests).toEqual([])
    expect(fetched).toEqual([])
  })
})
