import { beforeEach, describe, expect, it } from 'vitest'
import { useMonotonicClock } from '../support/upstream/monotonic-clock.ts'
import { until } from '../support/upstream/requests.ts'
import { tokenWith } from './kit.ts'
import { createSharedStore, join } from './shared-store.ts'

// A process that did not run for a while, as on a laptop or a platform that freezes idle processes (N3.2, SPEC 11). Its store
// was never unreachable.

describe('a process that was suspended for longer than staleIfError', () => {
  const time = useMonotonicClock()
  beforeEach(() => time.advance(1)) // no process starts at 0

  async function suspended(options = {}) {
    const shared = createSharedStore()
    shared.notifies = false
    const [one, other] = [join(shared, options), join(shared)]
    await Promise.all([one, other].map(({ server }) => server.ready()))
    await other.revoked.revoke({ sub: 'alice' })
    time.advance(40)
    return { shared, ...one }
  }

  it('reads the store before it decides', async () => {
    const { outcome, log } = await suspended()
    const tokens = ['alice', 'bob', 'alice', 'bob'].map((sub) => tokenWith({ sub }))
    expect(await Promise.all(tokens.map(outcome))).toEqual(['revoked', 'allowed', 'revoked', 'allowed'])
    expect(log.of('revocation').filter(({ action }) => action === 'status')).toMatchObject([{ status: 'current' }])
  })

  it('reads it again if it was suspended in the middle of a read', async () => {
    const shared = createSharedStore()
    const { server, outcome } = join(shared)
    await server.ready()
    const { read } = shared.port
    let isReading = false
    shared.port.read = async (cursor) => {
      isReading = true
      await new Promise((resolve) => setTimeout(resolve, 50))
      return read(cursor)
    }
    await until(() => isReading)
    time.advance(40)
    expect(await outcome(tokenWith())).toBe('allowed')
  })

  it.each(['hangs', 'error'] as const)('responds 503 if the store fails: %s', async (how) => {
    const { shared, outcome } = await suspended()
    if (how === 'hangs') shared.hangs = true
    else shared.error = new Error('down')
    expect(await outcome(tokenWith())).toBe('revocation_unavailable')
  })

  it('waits for nothing with `use_known`', async () => {
    const { shared, outcome } = await suspended({ onStoreFailure: 'use_known' })
    shared.hangs = true
    expect(await outcome(tokenWith())).toBe('allowed')
  })
})
