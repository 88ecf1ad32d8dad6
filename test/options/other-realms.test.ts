import { runInNewContext } from 'node:vm'
import { createResourceServer } from 'bearward'
import { revocation } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import { freezeClaims } from '../../src/claims/freeze-claims.ts'
import { bytesIn } from '../../src/util/bytes.ts'
import { isEqual } from '../../src/util/is-equal.ts'

/** What a test runner or a sandbox creates: its classes are not those of this file. */
const foreign = (expression: string): unknown => runInNewContext(expression)

describe('values of another realm', () => {
  it('a secret is read, and refused if it is too short', () => {
    const secret = foreign('new Uint8Array(32).fill(7)') as Uint8Array
    expect(secret).not.toBeInstanceOf(Uint8Array)
    expect(() => revocation({ secret })).not.toThrow()
    expect(() => revocation({ secret: foreign('new Uint8Array(31)') as Uint8Array })).toThrow(
      'at least 32 random bytes',
    )
    expect(() =>
      createResourceServer({ resource: 'https://a.example.com', issuer: 'https://b.example.com', stores: { secret } }),
    ).not.toThrow()
  })

  it('plain objects are compared by their members', () => {
    const [one, other] = [foreign('({ a: [1, { b: 2 }] })'), { a: [1, { b: 2 }] }]
    expect([isEqual(one, other), isEqual(one, { a: [1, { b: 3 }] })]).toEqual([true, false])
    expect(isEqual(foreign('new (class { a = 1 })()'), { a: 1 })).toBe(false)
  })

  it('claims of a schema are frozen', () => {
    const claims = foreign('({ sub: "a", roles: ["b"] })') as { roles: string[] }
    expect(freezeClaims(claims)).toBe(true)
    expect([Object.isFrozen(claims), Object.isFrozen(claims.roles)]).toEqual([true, true])
    expect(freezeClaims(foreign('({ since: new Date() })'))).toBe(false)
  })

  it('bytes are told from all other values', () => {
    const bytes = [
      foreign('Uint8Array.of(0, 1, 2, 3).subarray(1)'),
      foreign('Uint8Array.of(1, 2, 3).buffer'),
      Buffer.from([1, 2, 3]),
    ]
    for (const one of bytes) expect([...(bytesIn(one) ?? [])]).toEqual([1, 2, 3])
    for (const other of ['abc', [1, 2, 3], {}, null, undefined, 3]) expect(bytesIn(other)).toBeUndefined()
  })
})
