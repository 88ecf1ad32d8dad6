import { expect, it } from 'vitest'
import type { VerificationKey } from '../../src/jws/engine.ts'
import type { UnverifiedJwt } from '../../src/jwt/parse-jwt.ts'
import { type SigningKeys, verifyingKey } from '../../src/jwt/select-key.ts'

// A key that says no, at once or later, verifies nothing (RFC 7515 §5.2). Node's engine is synchronous; WebCrypto is not.

const jwt = { header: { algorithm: 'ES256', kid: 'a' }, signed: {} } as unknown as UnverifiedJwt
const key = (verify: () => unknown): VerificationKey => ({ verify }) as VerificationKey

function keysOf(loaded: readonly VerificationKey[], refreshed: readonly VerificationKey[] = []): SigningKeys {
  return {
    cached: () => loaded,
    find: async () => loaded,
    refreshAndFind: async (_algorithm, _kid, tried) => refreshed.filter((one) => !tried.includes(one)),
    isCurrent: () => true,
  }
}

const no = key(() => false)
const noLater = key(async () => false)
const yes = key(() => true)
const yesLater = key(async () => true)

it.each([
  ['none that says no', keysOf([no, noLater]), undefined],
  ['the one that says yes', keysOf([no, noLater, yes]), yes],
  ['the one that says yes later', keysOf([noLater, yesLater]), yesLater],
  ['the one behind the same kid after a refresh', keysOf([noLater], [noLater, yesLater]), yesLater],
  ['none after a refresh', keysOf([noLater], [noLater, no]), undefined],
])('%s', async (_, keys, expected) => {
  expect(await verifyingKey(jwt, keys)).toBe(expected)
})
