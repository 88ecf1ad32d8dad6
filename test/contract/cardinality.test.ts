import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DESTINATIONS, type Series } from '../metrics/destinations.ts'
import type { App } from '../support/apps/app.ts'
import { closeAll, startAll } from '../support/apps/apps.ts'
import { CANARY, canary } from '../support/canary/canary.ts'
import { type CanaryIssuer, createCanaryIssuer } from '../support/canary/issuer.ts'
import { bearer, persistentConnections, type RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'
import { ORDERS } from './orders-api.ts'

// N5 on every adapter: nothing that a caller sends becomes a label outside a closed set.

/** Requests for each adapter. In the end-to-end tier, for those that have no other one. */
const COUNT = process.env.BEARWARD_TEST_ADAPTERS === 'others' ? 10_000 : amount(10_000, 50)

let issuer: CanaryIssuer
let apps: readonly App[]
beforeAll(async () => {
  issuer = await createCanaryIssuer()
  apps = await startAll({ resource: RESOURCE, issuer: issuer.introspecting }, ORDERS)
})
afterAll(async () => {
  await closeAll(apps)
  await issuer.stop()
})

/** Each of them is different each time in all that a caller can choose. */
const REQUESTS: readonly (() => RawRequest)[] = [
  () => ({ lines: bearer(issuer.token()) }),
  () => ({ lines: bearer(issuer.token({ scope: canary() })) }),
  () => ({ lines: bearer(issuer.token({}, { kid: canary() }, SIGNATURE)) }),
  () => ({ lines: bearer(issuer.token({ iss: `https://${canary()}.example` }, { kid: canary() }, SIGNATURE)) }),
  () => ({ lines: bearer(issuer.token({}, { alg: canary(), kid: canary() }, SIGNATURE)) }),
  () => ({ lines: bearer(issuer.token({}, { typ: canary() }, SIGNATURE)) }),
  () => ({ target: `/orders?access_token=${canary()}` }),
  () => ({ target: `/orders?a=${canary()}`, lines: [`Authorization: ${canary()} ${canary()}`] }),
  () => ({ lines: bearer(canary()) }),
]
const SIGNATURE = 'A'.repeat(86)

const namesOf = (all: readonly Series[]) => all.map(({ name, labels }) => inspect({ name, labels })).sort()

it(`the same time series after ${COUNT} requests, each with its own values (N5)`, { timeout: 300_000 }, async () => {
  const destinations = apps.map(({ server }) =>
    DESTINATIONS.map((create) => {
      const destination = create()
      destination.measure(server)
      return destination
    }),
  )
  const all = destinations.flat()
  const connections = persistentConnections()
  const send = async (request: RawRequest) => {
    await Promise.all(apps.map(({ port }) => connections.exchange(port, request)))
  }
  for (const create of REQUESTS) await send(create())
  await send(REQUESTS[0]?.() ?? {})
  const before = await Promise.all(all.map((destination) => destination.series()))
  for (let index = 0; index < COUNT; index++) await send(REQUESTS[index % REQUESTS.length]?.() ?? {})
  connections.close()
  const after = await Promise.all(all.map((destination) => destination.series()))
  expect(after.map(namesOf)).toEqual(before.map(namesOf))
  for (const series of after) {
    expect(series.length).toBeLessThan(40)
    const decisions = series.filter(({ name }) => name === 'bearward_decisions_total')
    expect(decisions.reduce((sum, { value }) => sum + value, 0)).toBe(COUNT + REQUESTS.length + 1)
  }
  for (const destination of all) expect(await destination.text()).not.toContain(CANARY)
})
