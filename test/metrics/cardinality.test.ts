import { inspect } from 'node:util'
import { createResourceServer, type ResourceServer, scope } from 'bearward'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENT, createIntrospectionEndpoint } from '../support/issuer/introspection-endpoint.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { requestWith, send } from '../support/upstream/requests.ts'
import { DESTINATIONS } from './destinations.ts'

// N5 in the core: nothing that a caller sends becomes a label outside a closed set, and no secret is in any of it.

const COUNT = amount(10_000, 50)
const CANARY = 'CANARY'

let issuer: TestIssuer
let endpoint: Awaited<ReturnType<typeof createIntrospectionEndpoint>>
beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  endpoint = await createIntrospectionEndpoint()
})
afterAll(() => Promise.all([issuer.stop(), endpoint.stop()]))

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const forged = (claims: object, header: object): string => `${part(header)}.${part(claims)}.${'A'.repeat(86)}`

/** What a caller can choose, with a number to make it different each time, and a text to search for. */
const SENT: Readonly<Record<string, (index: number) => string | Promise<string>>> = {
  subjects: (index) => issuer.sign({ sub: `${CANARY}-${index}`, scope: `${CANARY}-${index}` }),
  kids: (index) => forged({ iss: issuer.url, aud: RESOURCE }, { alg: 'ES256', kid: `${CANARY}-${index}` }),
  issuers: (index) => forged({ iss: `https://${CANARY}-${index}.example` }, { alg: 'ES256', kid: 'k' }),
  reasons: (index) => forged({ iss: issuer.url, [`${CANARY}-${index}`]: 1 }, { alg: `${CANARY}-${index}` }),
  'opaque tokens': (index) => `${CANARY}-${index}`,
}

function start(): ResourceServer {
  const introspection = { endpoint: endpoint.url, client: CLIENT, deadline: 10 }
  return createResourceServer({ resource: RESOURCE, issuer: { issuer: issuer.url, introspection } })
}

describe.each(DESTINATIONS)('%s', (create) => {
  it(`has the same time series after ${COUNT} distinct values of everything that a caller sends`, async () => {
    const server = start()
    const destination = create()
    destination.measure(server)
    const round = async (from: number, to: number) => {
      for (const tokenFor of Object.values(SENT)) {
        for (let index = from; index < to; index++) await send(server, await tokenFor(index), scope('read:orders'))
      }
      await server.authenticate(requestWith(undefined)).catch(() => undefined)
    }
    await round(0, 2)
    const before = await destination.series()
    await round(2, COUNT)
    const after = await destination.series()
    const names = (list: typeof before) => list.map(({ name, labels }) => inspect({ name, labels })).sort()
    expect(names(after)).toEqual(names(before))
    expect(before.length).toBeLessThan(40)
    const total = after.filter(({ name }) => name === 'bearward_decisions_total')
    expect(total.reduce((sum, { value }) => sum + value, 0)).toBe(Object.keys(SENT).length * COUNT + 2)
    expect(await destination.text()).not.toContain(CANARY)
    server.close()
  })

  it('has at most 101 values for issuers that are found at run time', async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: {
        allow: { has: () => true },
        resolve: () => ({ keys: { keys: [issuer.keys[0]?.jwk ?? {}] } }),
        alive: 10,
      },
    })
    const destination = create()
    destination.measure(server)
    for (let index = 0; index < 150; index++) {
      const token = await issuer.sign({ iss: `https://tenant-${index}.example`, scope: 'read:orders' })
      expect(await send(server, token)).toMatchObject({ status: 200 })
    }
    const issuers = (await destination.series())
      .filter(({ name }) => name === 'bearward_decisions_total')
      .map(({ labels, value }) => [labels.issuer, value])
    expect(issuers).toHaveLength(101)
    expect(Object.fromEntries(issuers)).toMatchObject({ 'https://tenant-0.example': 1, other: 50 })
    server.close()
  })
})
