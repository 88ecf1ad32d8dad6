import type { JwtClaims, StandardSchema } from 'bearward'
import { revocation } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import { useBench } from '../introspection/kit.ts'
import { send, until } from '../support/upstream/requests.ts'

// Revoked opaque tokens (N3.1): their cached response is dropped, and they are refused for `maxLifetime`.

const bench = useBench()

describe('an opaque token', () => {
  it('that is cached is refused, whatever its issuer says', async () => {
    const revoked = revocation()
    const server = bench.server({}, {}, { revocation: revoked })
    const [token, other] = [bench.opaque({ sub: 'alice' }), bench.opaque({ sub: 'bob' })]
    expect([(await send(server, token)).status, (await send(server, other)).status]).toEqual([200, 200])
    const entry = await revoked.revoke({ sub: 'alice' })
    expect(await send(server, token)).toMatchObject({ status: 401, reason: 'revoked' })
    expect((await send(server, other)).status).toBe(200)
    await revoked.restore(entry)
    expect((await send(server, token)).status).toBe(200)
  })

  it('that is inactive stays cached when others are revoked', async () => {
    const revoked = revocation()
    const server = bench.server({ cache: { inactive: 3600 } }, {}, { revocation: revoked })
    const [inactive, active] = [bench.opaque(), bench.opaque({ sub: 'alice' })]
    bench.endpoint.responses.set(inactive, { active: false })
    for (const token of [inactive, active]) await send(server, token)
    await revoked.revoke({ sub: 'alice' })
    await until(() => server.state().caches.active.entries === 0)
    expect(server.state().caches.inactive.entries).toBe(1)
    expect([(await send(server, inactive)).reason, bench.endpoint.calls()]).toEqual(['inactive', 2])
  })

  it('that is revoked leaves the cache, among others whose claims cannot be cached (J8)', async () => {
    const revoked = revocation()
    const claims: StandardSchema<JwtClaims> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          ({ value: (value as JwtClaims).sub === 'bob' ? new Date() : value }) as { value: JwtClaims },
      },
    }
    const server = bench.server({}, {}, { revocation: revoked, claims })
    const [alice, bob] = [bench.opaque({ sub: 'alice' }), bench.opaque({ sub: 'bob' })]
    for (const token of [alice, bob]) expect((await send(server, token)).status).toBe(200)
    await revoked.revoke({ sub: 'alice' })
    await until(() => server.state().caches.active.entries === 1)
    await revoked.revoke({ sub: 'bob' })
    for (const token of [alice, bob]) expect((await send(server, token)).reason).toBe('revoked')
  })

  it('is introspected again after maxLifetime: the response from before the revocation is dropped', async () => {
    const clock = { now: Date.now() / 1000 }
    const revoked = revocation({ maxLifetime: 100 })
    const server = bench.server({ cache: { active: 3600 } }, {}, { revocation: revoked, clock: () => clock.now })
    const [token, unused] = [
      bench.opaque({ sub: 'alice', exp: clock.now + 9999 }),
      bench.opaque({ sub: 'alice', exp: clock.now + 9999 }),
    ]
    for (const one of [token, unused]) expect((await send(server, one)).status).toBe(200)
    await revoked.revoke({ sub: 'alice' })
    clock.now += 99
    expect((await send(server, token)).reason).toBe('revoked')
    await new Promise((resolve) => setTimeout(resolve, 150))
    clock.now += 2
    bench.endpoint.responses.set(unused, { active: false })
    expect((await send(server, unused)).reason).toBe('inactive')
    expect((await send(server, token)).status).toBe(200)
  })

  it('is introspected again after maxLifetime, although a shared store has the response from before the revocation', async () => {
    const clock = { now: Date.now() / 1000 }
    const records = new Map<string, string>()
    const stores = {
      introspection: {
        get: (key: string) => records.get(key),
        set: (key: string, value: string) => void records.set(key, value),
      },
      secret: 'a secret of at least thirty-two bytes',
    }
    const revoked = revocation({ maxLifetime: 100 })
    const server = bench.server(
      { cache: { active: 3600 } },
      {},
      { revocation: revoked, clock: () => clock.now, stores },
    )
    const token = bench.opaque({ sub: 'alice', exp: clock.now + 9999 })
    expect((await send(server, token)).status).toBe(200)
    await until(() => records.size === 1)
    await revoked.revoke({ sub: 'alice' })
    await until(() => server.state().caches.active.entries === 0)
    bench.endpoint.responses.set(token, { active: false })
    clock.now += 101
    expect((await send(server, token)).reason).toBe('inactive')
  })

  it('is introspected again after maxLifetime, although the request from before the revocation was pending', async () => {
    const clock = { now: Date.now() / 1000 }
    const revoked = revocation({ maxLifetime: 1 })
    const server = bench.server({ cache: { active: 3600 } }, {}, { revocation: revoked, clock: () => clock.now })
    const token = bench.opaque({ sub: 'alice', exp: clock.now + 9999 })
    const held = bench.endpoint.hold()
    const pending = send(server, token)
    await until(() => held.waiting.length === 1)
    await revoked.revoke({ sub: 'alice' })
    await new Promise((resolve) => setTimeout(resolve, 150))
    held.release()
    expect((await pending).reason).toBe('revoked')
    bench.endpoint.responses.set(token, { active: false })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    clock.now += 1.1
    expect((await send(server, token)).reason).toBe('inactive')
  })

  it('may live longer than maxLifetime', async () => {
    const server = bench.server({}, {}, { revocation: revocation({ maxLifetime: 1 }) })
    expect((await send(server, bench.opaque())).status).toBe(200)
  })

  it('without iat is covered by every `before`', async () => {
    const revoked = revocation()
    const server = bench.server({}, {}, { revocation: revoked })
    const token = bench.opaque({ sub: 'alice', iat: undefined })
    await revoked.revoke({ sub: 'alice' }, { before: 1 })
    expect((await send(server, token)).reason).toBe('revoked')
  })
})
