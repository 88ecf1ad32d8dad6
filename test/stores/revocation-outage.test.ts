import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tokenWith } from '../revocation/kit.ts'
import { createSharedStore, join } from '../revocation/shared-store.ts'
import { until } from '../support/upstream/requests.ts'

// What an outage of the revocation store does (N3.2, E4).

type Shared = ReturnType<typeof createSharedStore>

describe('a store that fails', () => {
  const failing = [
    [
      'down',
      (shared: Shared) => {
        shared.error = new Error('SECRET-OF-THE-STORE')
      },
    ],
    [
      'hanging',
      (shared: Shared) => {
        shared.hangs = true
      },
    ],
  ] as const

  it.each(failing)('from the start (%s): 503, unless known revocations suffice', async (_, fail) => {
    const shared = createSharedStore()
    fail(shared)
    const { outcome, server } = join(shared)
    expect(await outcome(tokenWith())).toBe('revocation_unavailable')
    expect(server.state()).toMatchObject({ status: 'unavailable', ready: false })
    expect(server.state().revocation).toEqual({ status: 'unavailable', entries: 0, age: undefined })
    await expect(server.ready()).rejects.toThrow('cannot check whether the access token has been revoked')
    // The error of the store is for operators, and nothing that is attached to it (A5).
    // A bad token is the fault of the caller, still.
    expect(await outcome(tokenWith({ aud: 'https://other.example' }))).toBe('audience')
    const { outcome: accepting, server: other } = join(shared, { onStoreFailure: 'use_known' })
    expect([await accepting(tokenWith()), other.state().status]).toEqual(['allowed', 'degraded'])
  })

  it.each(failing)('later (%s): 503 after staleIfError, and 401 for what is known to be revoked', async (_, fail) => {
    const shared = createSharedStore()
    const { outcome, server, revoked, log } = join(shared, { staleIfError: 1 })
    const { outcome: accepting, revoked: same } = join(shared, { staleIfError: 1, onStoreFailure: 'use_known' })
    await revoked.revoke({ sub: 'alice' })
    await same.list()
    expect(await accepting(tokenWith({ sub: 'alice' }))).toBe('revoked')
    fail(shared)
    expect(await outcome(tokenWith())).toBe('allowed')
    await until(() => server.state().revocation?.status === 'unavailable')
    expect(await outcome(tokenWith())).toBe('revocation_unavailable')
    expect(await outcome(tokenWith({ sub: 'alice' }))).toBe('revoked')
    expect([await accepting(tokenWith()), await accepting(tokenWith({ sub: 'alice' }))]).toEqual(['allowed', 'revoked'])
    shared.error = undefined
    shared.hangs = false
    await until(() => server.state().revocation?.status === 'current')
    expect(await outcome(tokenWith())).toBe('allowed')
    expect(JSON.stringify(log.events)).not.toContain('SECRET-OF-THE-STORE')
    expect(log.of('revocation').map(({ status }) => status)).toContain('current')
  })

  it('says why in the event and in ready(), without what is attached to its error (A5)', async () => {
    const shared = createSharedStore()
    shared.error = Object.assign(new Error('WRONGPASS'), { command: { args: ['SECRET-OF-THE-STORE'] } })
    const { outcome, server, log } = join(shared)
    expect(await outcome(tokenWith())).toBe('revocation_unavailable')
    const thrown = await server.ready().catch((error: unknown) => error as Error)
    for (const cause of [log.of('decision').at(-1)?.cause, thrown?.cause]) {
      expect(cause).toMatchObject({ message: 'WRONGPASS' })
      expect(inspect(cause, { depth: 9 })).not.toContain('SECRET-OF-THE-STORE')
    }
  })

  it.each(failing)('makes revoke(), list() and restore() reject (%s)', async (_, fail) => {
    const shared = createSharedStore()
    const { revoked, outcome } = join(shared)
    const entry = await revoked.revoke({ sub: 'a' })
    fail(shared)
    await expect(revoked.revoke({ sub: 'user-1' })).rejects.toThrow()
    await expect(revoked.list()).rejects.toThrow()
    await expect(revoked.restore(entry)).rejects.toThrow()
    expect(await outcome(tokenWith())).toBe('allowed')
  })

  it('is full: revoke() rejects, restore() does not', async () => {
    const shared = createSharedStore()
    const [one, two] = [join(shared, { size: 2 }), join(shared, { size: 2 })]
    const entry = await one.revoked.revoke({ sub: 'a' })
    await two.revoked.revoke({ sub: 'b' })
    await expect(one.revoked.revoke({ sub: 'c' })).rejects.toThrow('revocation.size')
    await one.revoked.restore(entry)
  })
})
