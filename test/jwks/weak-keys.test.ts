import { generateKeyPair, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { createResourceServer } from 'bearward'
import { createDpopClient } from 'bearward/testing'
import { describe, expect, it } from 'vitest'
import { algorithmOf } from '../../src/jws/jwk.ts'
import { hasRocaModulus, isSmallOrderPoint } from '../../src/jws/weak-keys.ts'
import { clockOf } from '../contract/dpop-kit.ts'
import { ISSUER } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'

// Node 20 may stop for ever in `generateKeyPairSync().publicKey.export()`: if the collector runs meanwhile, the end of the first waits
// for the lock that the second holds.
const generate = promisify(generateKeyPair)

const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

function bytesOf(number: bigint, length: number, order: 'little' | 'big'): Uint8Array {
  const bytes = Buffer.from(number.toString(16).padStart(2 * length, '0'), 'hex')
  return order === 'big' ? bytes : bytes.reverse()
}

/** A modulus of the flawed library: primes of the form k·M + (65537^a mod M), so their product is a power of 65537 mod M. */
function rocaModulus(bits: number, seed: bigint): Uint8Array {
  const product = [...Array(168).keys()].filter(isPrime).reduce((all, prime) => all * BigInt(prime), 1n)
  const power = [...Array(Number(seed % 1000n) + 3)].reduce<bigint>((value) => (value * 65537n) % product, 1n)
  const top = 1n << BigInt(bits - 1)
  return bytesOf((top / product + 1n) * product + power, bits / 8, 'big')
}

const isPrime = (number: number) =>
  number > 1 && ![...Array(number).keys()].some((divisor) => divisor > 1 && number % divisor === 0)

const rsa = (n: Uint8Array) => ({ kty: 'RSA', n: encode(n), e: 'AQAB' })

describe('ROCA moduli (K15, CVE-2017-15361)', () => {
  it.each([2048, 3072, 4096])('a key of %i bits is not usable', (bits) => {
    for (let seed = 0n; seed < 20n; seed++) {
      const n = rocaModulus(bits, seed)
      expect(hasRocaModulus(n)).toBe(true)
      expect(algorithmOf(rsa(n), ['RS256'])).toEqual({ problem: 'its modulus has the ROCA flaw' })
    }
  })

  it('an ordinary key is usable', async () => {
    for (let count = 0; count < amount(20, 2); count++) {
      const { publicKey } = await generate('rsa', { modulusLength: 2048 })
      const { n = '' } = publicKey.export({ format: 'jwk' })
      expect(algorithmOf({ kty: 'RSA', n, e: 'AQAB' }, ['RS256'])).toEqual({ algorithm: 'RS256' })
    }
    for (let count = 0; count < amount(100_000, 2000); count++) {
      expect(hasRocaModulus(crypto.getRandomValues(new Uint8Array(256)))).toBe(false)
    }
  })
})

// Arithmetic on the curve, so that the constants of the check are derived here and not repeated.
const P = 2n ** 255n - 19n
const mod = (value: bigint) => ((value % P) + P) % P
function pow(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}
const inverse = (value: bigint) => pow(value, P - 2n)
const D = mod(-121665n * inverse(121666n))
type Point = readonly [x: bigint, y: bigint]
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const product = mod(D * x1 * x2 * y1 * y2)
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + product)), mod((y1 * y2 + x1 * x2) * inverse(1n - product))]
}
const IDENTITY: Point = [0n, 1n]
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

function times(factor: bigint, point: Point): Point {
  let [result, double] = [IDENTITY, point]
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, double)
    double = add(double, double)
  }
  return result
}

/** A point for `y`, if there is one (RFC 8032 §5.1.3). */
function pointAt(y: bigint): Point | undefined {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n))
  const root = pow(square, (P + 3n) / 8n)
  const x = [root, mod(root * pow(2n, (P - 1n) / 4n))].find((one) => mod(one * one) === square)
  return x === undefined ? undefined : [x, y]
}

/** The eight points whose order divides 8: multiples of a point that has a component of order 8. */
function smallOrderPoints(): readonly Point[] {
  for (let y = 2n; ; y++) {
    const point = pointAt(y)
    const small = point && times(ORDER, point)
    if (!small || times(4n, small)[1] === 1n) continue
    return Array.from({ length: 8 }, (_, factor) => times(BigInt(factor), small))
  }
}

describe('Ed25519 keys of small order (K15, RFC 8032 §5.1)', () => {
  const points = smallOrderPoints()
  const encodings = [...new Set(points.map(([, y]) => y))].flatMap((y) =>
    [y, y + P]
      .filter((value) => value < 2n ** 255n)
      .flatMap((value) => [value, value + 2n ** 255n])
      .map((value) => bytesOf(value, 32, 'little')),
  )

  it('all eight points, in each of their encodings, are not usable', () => {
    expect(new Set(points.map(String)).size).toBe(8)
    expect(encodings).toHaveLength(14)
    for (const x of encodings) {
      expect(isSmallOrderPoint(x)).toBe(true)
      for (const alg of ['EdDSA', 'Ed25519'] as const) {
        expect(algorithmOf({ kty: 'OKP', crv: 'Ed25519', x: encode(x) }, [alg])).toHaveProperty('problem')
      }
    }
  })

  it('ordinary keys are usable', async () => {
    for (let count = 0; count < amount(5000, 200); count++) {
      const { publicKey } = await generate('ed25519')
      const { x = '' } = publicKey.export({ format: 'jwk' })
      expect(algorithmOf({ kty: 'OKP', crv: 'Ed25519', x }, ['Ed25519'])).toEqual({ algorithm: 'Ed25519' })
    }
  })

  // Node refuses such keys itself from 24 on.
  const refuses = Number.parseInt(process.versions.node, 10) >= 24
  it.skipIf(refuses)('the reason for it: a signature that anyone can make verifies with the identity as key', () => {
    const [, y] = IDENTITY
    const x = encode(bytesOf(y, 32, 'little'))
    const forged = Buffer.concat([bytesOf(y, 32, 'little'), Buffer.alloc(32)])
    const key = { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' } as const
    expect(verify(null, Buffer.from('anything at all'), key, forged)).toBe(true)
  })

  it('no server can be created with such keys only, and no proof uses one', async () => {
    const set = {
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: encode(encodings[0] as Uint8Array) }, rsa(rocaModulus(2048, 1n))],
    }
    const options = { resource: RESOURCE, issuer: { issuer: ISSUER, keys: set } }
    expect(() => createResourceServer(options)).toThrow('has no usable key; the first: its point has a small order')
    const { readProofKey } = await import('../../src/sender-constraint/dpop/proof-key.ts')
    for (const jwk of set.keys)
      expect(readProofKey(jwk, jwk.kty === 'RSA' ? 'RS256' : 'Ed25519')).toMatchObject({ reason: 'proof_key' })
    const { key } = await createDpopClient({ clock: clockOf, alg: 'Ed25519' })
    expect(readProofKey({ ...key.jwk }, 'Ed25519')).toMatchObject({ algorithm: 'Ed25519' })
  })
})
