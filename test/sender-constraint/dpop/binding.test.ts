import type { ReplayStore } from 'bearward'
import { describe, expect, it } from 'vitest'
import { createDpopBinding, type DpopParts } from '../../../src/sender-constraint/dpop/dpop.ts'
import { DEFAULT_PROOF_ALGORITHMS } from '../../../src/sender-constraint/dpop/proof-algorithms.ts'
import { createSenderConstraint } from '../../../src/sender-constraint/sender-constraint.ts'
import { useMonotonicClock } from '../../support/upstream/monotonic-clock.ts'
import { createClient, NOW, TOKEN } from './kit.ts'

const clock = useMonotonicClock()

const EVENTS = { wants: () => false, emit: () => undefined }

const settingsOf = (mode: DpopParts['dpop']['mode'], clock: () => number, replayStore?: ReplayStore): DpopParts => ({
  dpop: {
    mode,
    nonce: undefined,
    algorithms: DEFAULT_PROOF_ALGORITHMS,
    maxAge: 60,
    clockTolerance: 15,
    onStoreFailure: 'refuse',
  },
  publicUrls: ['https://api.example.com'],
  clock,
  limits: { proof: 8192 },
  cacheSize: { replay: 100 },
  stores: { replay: replayStore },
})

function bindingWith(mode: DpopParts['dpop']['mode'], replayStore?: ReplayStore) {
  let now = NOW
  const binding = createDpopBinding(
    settingsOf(mode, () => now, replayStore),
    EVENTS,
  )
  const advance = (seconds: number) => {
    now += seconds
    clock.advance(seconds)
  }
  return { binding, advance }
}

const REQUEST = { native: {}, method: 'GET', target: '/orders', authorization: [], contentType: undefined }

describe('the DPoP proofs of a server', () => {
  it('are not checked if DPoP is off, so that bound tokens are refused (D6)', () => {
    expect(bindingWith('off').binding).toBeUndefined()
  })

  it('are recorded until they are too old, from a clock that is ahead as well (RFC 9449 §11.1)', async () => {
    const { binding, advance } = bindingWith('accept')
    const client = await createClient()
    const proof = await client.prove({ claims: { iat: NOW + 15 } })
    const use = () => binding?.prove(client.jkt, TOKEN, { ...REQUEST, headers: () => [proof] })
    expect(binding?.usedProofs()).toBe(0)
    expect(await use()).toBeUndefined()
    expect(binding?.usedProofs()).toBe(1)
    advance(74.9)
    expect(await use()).toMatchObject({ reason: 'proof_replayed' })
    advance(10)
    expect(binding?.usedProofs()).toBe(1)
    advance(5.2)
    expect(binding?.usedProofs()).toBe(0)
    expect(await use()).toMatchObject({ reason: 'proof_time' })
  })

  it.each([
    ['accept', 1],
    ['off', 0],
  ] as const)('are counted where DPoP is %s: %i', async (mode, count) => {
    const settings = { ...settingsOf(mode, () => NOW), mtls: { mode: 'off', proxy: undefined } as const }
    const sender = createSenderConstraint(settings, EVENTS)
    const client = await createClient()
    const proof = await client.prove()
    const credential = { scheme: 'DPoP', token: TOKEN, place: 'header' } as const
    await sender.verify({ jkt: client.jkt }, credential, { ...REQUEST, headers: () => [proof] })
    expect(sender.usedProofs()).toBe(count)
  })

  it('are recorded in a store for the same time: another process accepts none of them again', async () => {
    const lifetimes: number[] = []
    const firstUse = (_key: string, lifetime: number) => lifetimes.push(lifetime) > 0
    const { binding } = bindingWith('accept', { firstUse })
    const client = await createClient()
    const proof = await client.prove()
    await binding?.prove(client.jkt, TOKEN, { ...REQUEST, headers: () => [proof] })
    expect(lifetimes).toEqual([85_000])
  })

  it('are missing in a request without headers (RFC 9449 §4.3 check 1)', async () => {
    expect(await bindingWith('accept').binding?.prove('a', TOKEN, REQUEST)).toMatchObject({ reason: 'proof_missing' })
  })
})
