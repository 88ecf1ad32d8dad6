import type { BearwardEvent, DecisionEvent, ResourceServerOptions } from 'bearward'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../support/apps/app.ts'
import { ADAPTERS } from '../support/apps/apps.ts'
import { expectReached, expectRefusal } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'
import { ORDERS } from './orders-api.ts'

let issuer: TestIssuer
let apps: readonly App[]
// One list per adapter.
let events: DecisionEvent[][]
let verified: number[]

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  apps = await Promise.all(ADAPTERS.map((start, index) => start({ options: optionsOf(index), routes: ORDERS })))
})

beforeEach(() => {
  events = ADAPTERS.map(() => [])
  verified = ADAPTERS.map(() => 0)
})

afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()))
  await issuer.stop()
})

const optionsOf = (index: number): ResourceServerOptions => ({
  resource: RESOURCE,
  issuer: issuer.url,
  cacheSize: { jwt: 0 }, // a cached token would hide a second verification
  onEvent: (event: BearwardEvent) => void (event.type === 'decision' && events[index]?.push(event)),
  claims: {
    '~standard': {
      version: 1,
      vendor: 'test',
      // Runs exactly once per verification.
      validate(value) {
        verified[index] = (verified[index] ?? 0) + 1
        return { value: value as Record<string, unknown> }
      },
    },
  },
})

const outcomes = () => events.map((list) => list.map(({ outcome, stacked }) => [outcome, stacked]))

describe('R7: decided once per request', () => {
  it.each(['/twice', '/stacked', '/open-then-closed'])('guards in a row verify once: %s', async (target) => {
    await expectReached(apps, { target, lines: bearer(await issuer.sign({ scope: 'read:orders write:orders' })) })
    expect(verified).toEqual(ADAPTERS.map(() => 1))
  })

  it('guards of a router and of its route verify once', async () => {
    const lines = bearer(await issuer.sign({ scope: 'team read:orders' }))
    await expectReached(apps, { target: '/team/orders', lines })
    expect(verified).toEqual(ADAPTERS.map(() => 1))
  })

  it('each guard emits an event, and those of later guards are marked', async () => {
    const lines = bearer(await issuer.sign({ scope: 'team read:orders' }))
    await expectReached(apps, { target: '/team/orders', lines })
    expect(outcomes()).toEqual(
      ADAPTERS.map(() => [
        ['allowed', false],
        ['allowed', true],
      ]),
    )
  })

  it('the first guard that refuses decides the response, with one challenge (RFC 6750 §3)', async () => {
    const request = { target: '/twice', lines: bearer(await issuer.sign({ scope: 'other' })) }
    await expectRefusal(apps, request, { error: 'insufficient_scope', reason: 'scope', scope: 'read:orders' })
    expect(outcomes()).toEqual(ADAPTERS.map(() => [['refused', false]]))
  })

  it('the challenge of a later guard names the scopes of all guards so far (RFC 6750 §3.1)', async () => {
    const refusal = { error: 'insufficient_scope', reason: 'scope' } as const
    const lines = bearer(await issuer.sign({ scope: 'read:orders' }))
    await expectRefusal(apps, { target: '/stacked', lines }, { ...refusal, scope: 'read:orders write:orders' })
    const team = bearer(await issuer.sign({ scope: 'team' }))
    await expectRefusal(apps, { target: '/team/orders', lines: team }, { ...refusal, scope: 'team read:orders' })
  })

  it('a bad token is verified once', async () => {
    const request = { target: '/open-then-closed', lines: bearer(await issuer.sign({ exp: 1 })) }
    await expectRefusal(apps, request, { error: 'invalid_token', reason: 'expired' })
    expect(outcomes()).toEqual(ADAPTERS.map(() => [['refused', false]]))
  })

  it('no state of a request affects the next one', async () => {
    await expectReached(apps, {
      target: '/stacked',
      lines: bearer(await issuer.sign({ scope: 'read:orders write:orders' })),
    })
    await expectRefusal(apps, { target: '/stacked' }, { reason: 'no_credentials' })
    await expectReached(apps, { target: '/open' })
  })
})
