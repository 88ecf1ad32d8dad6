import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ORDERS } from '../contract/orders-api.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { exchange } from '../support/http/raw-client.ts'
import { acceptedRequests } from './accepted-requests.ts'
import { createKit, optionsFor, type RequestCase } from './kit.ts'
import { unreadable } from './requests/grammar.ts'
import { hostileRequests } from './requests/index.ts'

const kit = createKit()
const fetched: string[] = []
const options = optionsFor(kit, fetched)
const apis: Record<'plain' | 'forms' | 'lenient', readonly App[]> = { plain: [], forms: [], lenient: [] }

beforeAll(async () => {
  apis.plain = await startAll(options, ORDERS)
  apis.forms = await startAll({ ...options, formTokens: 'accept' }, ORDERS)
  apis.lenient = await startAll({ ...options, queryTokens: 'ignore' }, ORDERS)
})

afterAll(async () => {
  await Promise.all(Object.values(apis).map(closeAll))
  expect(fetched).toEqual([])
})

for (const { family, api, cases } of hostileRequests(kit)) {
  describe(family, () => {
    it.each(cases)('refuses $name', async ({ request, reason, error }: RequestCase) => {
      const scope = error === 'invalid_request' ? {} : { scope: 'read:orders' }
      await expectRefusal(apis[api], request, { ...(error && { error }), reason, ...scope })
    })
  })
}

describe('requests that HTTP servers reject', () => {
  it.each(unreadable(kit))('%s is rejected by the parser with 400', async (_, bytes) => {
    const responses = await Promise.all(apis.plain.map((app) => exchange(app.port, bytes)))
    expect(responses.map(({ status }) => status)).toEqual(apis.plain.map(() => 400))
  })
})

describe('unusual but legal requests', () => {
  it.each(acceptedRequests(kit))('accepts $name', async ({ api, request }) => {
    await expectReached(apis[api], request)
  })
})
