import { createResourceServer, type ReplayStore } from 'bearward'
import { createDpopClient } from 'bearward/testing'
import { describe, expect, it } from 'vitest'
import { boundTo, kit, ORDERS } from '../../contract/dpop-kit.ts'
import { keySetOf } from '../../corpus/keys.ts'
import { ISSUER, NOW } from '../../corpus/kit.ts'
import { RESOURCE } from '../../support/issuer/issuer.ts'
import { useMonotonicClock } from '../../support/upstream/monotonic-clock.ts'

const monotonic = useMonotonicClock()
let now = NOW

const client = await createDpopClient({ clock: () => now })
const token = () => boundTo(client, { iat: NOW, exp: NOW + 100_000 })

/** Forgets after the time that it is told, by a clock of its own, as Redis does. */
function expiringStore(): ReplayStore {
  const ends = new Map<string, number>()
  return {
    firstUse(key, ttl) {
      const time = performance.now()
      if ((ends.get(key) ?? Number.NEGATIVE_INFINITY) > time) return false
      ends.set(key, time + ttl)
      return true
    },
  }
}

function start(more: object = {}) {
  now = NOW
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => now,
    dpop: 'accept',
    ...more,
  })
  return async (proof: string, raw = token()): Promise<string> => {
    const request = {
      native: {},
      method: 'GET',
      target: '/orders',
      authorization: [`DPoP ${raw}`],
      contentType: undefined,
      headers: () => [proof],
    }
    const outcome = server.authenticate(request)
    return outcome.then(
      () => 'accepted',
      ({ reason }: { reason: string }) => reason,
    )
  }
}

const prove = (claims: Record<string, unknown> = {}) =>
  client.proof({ method: 'GET', url: ORDERS, token: token() }, claims)

describe('a used proof after the wall clock was set back (D7)', () => {
  it.each<[string, object]>([
    ['in memory', {}],
    ['with a store', { stores: { replay: expiringStore() } }],
    [
      'with a store and a local fallback',
      { stores: { replay: expiringStore() }, dpop: { onStoreFailure: 'use_local' } },
    ],
  ])('is refused, %s, however far the clock goes back', async (_name, more) => {
    const send = start(more)
    const proof = await prove()
    expect(await send(proof)).toBe('accepted')
    for (const back of [11, 100, 3600, 86_400]) {
      monotonic.advance(back + 100)
      now = NOW + back
      expect(await send(await prove())).toBe('accepted')
      monotonic.advance(back + 100)
      now = NOW
      expect(await send(proof)).toBe('proof_replayed')
    }
  })

  it('a client whose proofs were never accepted meanwhile is not affected', async () => {
    const send = start()
    now = NOW + 3600
    expect(await send(await prove())).toBe('accepted')
    monotonic.advance(200)
    now = NOW
    const other = await createDpopClient({ clock: () => now })
    const raw = boundTo(other, { exp: NOW + 100_000 })
    expect(await send(await other.proof({ method: 'GET', url: ORDERS, token: raw }), raw)).toBe('accepted')
  })
})

describe('exp and nbf of a proof (D7, RFC 7519 §4.1.4, §4.1.5)', () => {
  const send = start()

  it.each<[string, Record<string, unknown>, string]>([
    ['past exp', { exp: NOW - 1 }, 'proof_time'],
    ['exp now', { exp: NOW }, 'proof_time'],
    ['future exp', { exp: NOW + 1 }, 'accepted'],
    ['future nbf', { nbf: NOW + 16 }, 'proof_time'],
    ['nbf within the clock tolerance', { nbf: NOW + 15 }, 'accepted'],
    ['past nbf', { nbf: NOW - 60 }, 'accepted'],
    ['exp as a text', { exp: String(NOW + 60) }, 'proof_claims'],
    ['exp null', { exp: null }, 'proof_claims'],
    ['nbf as a text', { nbf: '0' }, 'proof_claims'],
    ['nbf true', { nbf: true }, 'proof_claims'],
    ['exp as a list', { exp: [NOW + 60] }, 'proof_claims'],
  ])('%s', async (_name, claims, outcome) => {
    expect(await send(await prove(claims))).toBe(outcome)
  })
})
