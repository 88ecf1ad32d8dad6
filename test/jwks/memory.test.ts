import { createResourceServer, type ResourceServer } from 'bearward'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { reachableBytes } from '../support/heap.ts'
import { bogusTokens } from '../support/issuer/bogus-tokens.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'

const clock = useMonotonicClock()
let issuer: TestIssuer
beforeEach(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
})
afterEach(() => issuer.stop())

const MIB = 2 ** 20
const ROUND = amount(25_000, 10_000)

async function flood(server: ResourceServer, count: number, prefix: string) {
  const token = bogusTokens(issuer.url)
  const tail = 'x'.repeat(240)
  for (let at = 0; at < count; at += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        Promise.resolve(server.verify(token(`${prefix}${at + index}${tail}`))).catch(() => undefined),
      ),
    )
    clock.advance(1)
  }
}

for (const state of ['up', 'down'] as const) {
  it(`${2 * ROUND} tokens with unknown keys leave nothing in memory, the endpoint ${state}`, async () => {
    const server = createResourceServer({
      resource: RESOURCE,
      issuer: { issuer: issuer.url, jwksCache: { maxAge: 100_000, cooldown: 1 } },
    })
    await server.ready()
    if (state === 'down') issuer.onKeys = (_request, response) => response.writeHead(500).end()
    await flood(server, 5000, 'warm')
    const sizes = [reachableBytes()]
    for (const round of ['a', 'b']) {
      await flood(server, ROUND, round)
      sizes.push(reachableBytes())
    }
    const [start, middle, end] = sizes as [number, number, number]
    // Copies of the kids alone would exceed this in both rounds; heap fragmentation may exceed it in one.
    expect(Math.min(middle - start, end - middle)).toBeLessThan(amount(5, 2) * MIB)
  })
}
