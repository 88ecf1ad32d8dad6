/**
 * Moduli of the library with the ROCA flaw (CVE-2017-15361): their private key can be computed. All are powers of 65537
 * modulo each small prime, and hardly any other modulus is.
 */
export function hasRocaModulus(modulus: Uint8Array): boolean {
  return SUBGROUPS.every(([prime, powers]) => powers.has(remainder(modulus, prime)))
}

/**
 * The odd primes of the product from which the smallest of these keys are generated, all below 13²; larger keys use more.
 */
const PRIMES = Array.from({ length: 83 }, (_, index) => 2 * index + 3).filter((number) =>
  [3, 5, 7, 11].every((prime) => number === prime || number % prime !== 0),
)

const SUBGROUPS = PRIMES.map((prime) => [prime, powersOf65537(prime)] as const)

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power)
  return powers
}

function remainder(bytes: Uint8Array, divisor: number): number {
  let rest = 0
  for (const byte of bytes) rest = (rest * 256 + byte) % divisor
  return rest
}

/**
 * Points of Ed25519 whose order divides 8 (RFC 8032 §5.1): for such a key, anyone can make signatures. Encodings are little
 * endian, and some of the eight points have two.
 */
export function isSmallOrderPoint(encoded: Uint8Array): boolean {
  const y = [...encoded].reduceRight((number, byte) => number * 256n + BigInt(byte), 0n)
  return SMALL_ORDER.includes((y % SIGN_BIT) % FIELD)
}

const SIGN_BIT = 2n ** 255n
const FIELD = SIGN_BIT - 19n

// The `y` of points of order 8; `0`, `1` and `-1` are those of order 4, 1 and 2.
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n

const SMALL_ORDER: readonly bigint[] = [0n, 1n, FIELD - 1n, ORDER_8, FIELD - ORDER_8]
