import { beforeAll, describe, expect, it } from 'vitest'
import type { SignatureEngine, VerifySignature } from '../../src/jws/engine.ts'
import { createNodeEngine } from '../../src/jws/node-engine.ts'
import { webEngine } from '../../src/jws/web-engine.ts'
import { ALGORITHMS, createPair, createSigner, type SignedWith, type Signer } from '../corpus/keys.ts'
import { encode } from '../corpus/kit.ts'

// Two engines, one algorithm table: both must agree on every signature.

const nodeEngine = createNodeEngine(webEngine) as SignatureEngine

const rsa = createPair('RS256')
const otherRsa = createPair('RS256')
const signers = ALGORITHMS.map((alg) => createSigner(alg, alg, /^[RP]S/.test(alg) ? rsa : createPair(alg)))
const strangers = ALGORITHMS.map((alg) => createSigner(alg, alg, /^[RP]S/.test(alg) ? otherRsa : createPair(alg)))

interface Verifiers {
  readonly node: VerifySignature
  readonly web: VerifySignature
}

const verifiers = new Map<SignedWith, Verifiers>()

beforeAll(async () => {
  for (const { alg, jwk } of signers as (Signer & { alg: SignedWith })[]) {
    const [node, web] = await Promise.all([nodeEngine.importKey(jwk, alg), webEngine.importKey(jwk, alg)])
    verifiers.set(alg, { node, web })
  }
})

/** The result of both engines, or an error where they differ. */
async function isValid(alg: SignedWith, text: string, signature: Uint8Array): Promise<boolean> {
  const compact = `${text}.${Buffer.from(signature).toString('base64url')}`
  const signed = { algorithm: alg, compact, signatureAt: text.length + 1, signature }
  const { node, web } = verifiers.get(alg) as Verifiers
  const results = await Promise.all([node(signed), web(signed)])
  expect(results[0], `both engines say the same of ${compact}`).toBe(results[1])
  return results[0] as boolean
}

// Deterministic, so that a failure can be reproduced.
function* randoms(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

const texts = (alg: string): readonly string[] => [
  `${encode({ alg })}.${encode({ sub: 'user-1' })}`,
  `${encode({ alg, typ: 'at+jwt', kid: 'ü' })}.${encode({ sub: 'ü', list: [1, 2] })}`,
  `${encode({ alg })}.${encode('x'.repeat(3000))}`,
]

type Mutation = (signature: Buffer, random: () => number) => Buffer

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a flipped bit': (signature, random) => {
    const at = Math.floor(random() * signature.length)
    signature[at] = (signature[at] as number) ^ (1 << Math.floor(random() * 8))
    return signature
  },
  'a byte short': (signature) => signature.subarray(0, -1),
  'a byte long': (signature) => Buffer.concat([signature, Buffer.from([1])]),
  'a zero in front': (signature) => Buffer.concat([Buffer.from([0]), signature]),
  'half of it': (signature) => signature.subarray(0, signature.length / 2),
  'both halves changed': (signature) =>
    Buffer.concat([signature.subarray(signature.length / 2), signature.subarray(0, signature.length / 2)]),
  'all zeros': (signature) => signature.fill(0),
  'all ones': (signature) => signature.fill(255),
  'random bytes': (signature, random) => Buffer.from(signature.map(() => Math.floor(random() * 256))),
  'one byte': () => Buffer.from([0]),
  'twice as long': (signature) => Buffer.concat([signature, signature]),
}

describe.each(ALGORITHMS)('%s in both engines', (alg) => {
  const signer = signers.find((one) => one.alg === alg) as Signer
  const stranger = strangers.find((one) => one.alg === alg) as Signer

  it('accepts a signature of its key', async () => {
    for (const text of texts(alg)) expect(await isValid(alg, text, signer.sign(text))).toBe(true)
  })

  it('refuses a signature of another key', async () => {
    for (const text of texts(alg)) expect(await isValid(alg, text, stranger.sign(text))).toBe(false)
  })

  it('refuses a signature with another algorithm', async () => {
    const [text] = texts(alg) as [string]
    for (const other of signers.filter((one) => one.alg !== alg)) {
      expect(await isValid(alg, text, other.sign(text))).toBe(false)
    }
  })

  it('refuses the signature of another text', async () => {
    const [first, second] = texts(alg) as [string, string]
    expect(await isValid(alg, first, signer.sign(second))).toBe(false)
  })

  it.each(Object.entries(MUTATIONS))('refuses a signature with %s', async (_, mutate) => {
    const random = randoms(alg.length * 7919)
    for (const text of texts(alg)) {
      const signature = mutate(signer.sign(text), () => random.next().value)
      expect(await isValid(alg, text, signature)).toBe(false)
    }
  })

  it('refuses a text with one changed character', async () => {
    const [text] = texts(alg) as [string]
    const signature = signer.sign(text)
    for (const at of [text.indexOf('.') + 1, text.length - 1]) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect(await isValid(alg, changed, signature)).toBe(false)
    }
  })
})

describe('two names for one algorithm (RFC 9864 §2.2)', () => {
  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ] as const)('a key for %s checks %s', async (of, alg) => {
    const signer = signers.find((one) => one.alg === of) as Signer
    const text = `${encode({ alg })}.${encode({})}`
    const signature = signer.sign(text)
    const compact = `${text}.${signature.toString('base64url')}`
    const signed = { algorithm: alg, compact, signatureAt: text.length + 1, signature }
    const { node, web } = verifiers.get(of) as Verifiers
    expect(await Promise.all([node(signed), web(signed)])).toEqual([true, true])
  })
})

describe('unusable key material', () => {
  const broken: Readonly<Record<string, readonly [alg: SignedWith, jwk: Record<string, unknown>]>> = {
    'a point that is not on the curve': [
      'ES256',
      { kty: 'EC', crv: 'P-256', x: `${'AA'.repeat(21)}E`, y: `${'AA'.repeat(21)}E` },
    ],
    'a coordinate that is missing': [
      'ES256',
      { kty: 'EC', crv: 'P-256', x: signers.find((one) => one.alg === 'ES256')?.jwk.x },
    ],
    'a coordinate that is too short': ['ES256', { ...signers.find((one) => one.alg === 'ES256')?.jwk, x: 'AAAA' }],
    'a curve under another name': ['ES384', { ...signers.find((one) => one.alg === 'ES256')?.jwk, crv: 'P-384' }],
    'a public key of 31 bytes': ['EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(42) }],
    'no modulus': ['RS256', { kty: 'RSA', e: 'AQAB' }],
    'no exponent': ['RS256', { kty: 'RSA', n: signers[0]?.jwk.n }],
    'an unknown type': ['RS256', { kty: 'XYZ', n: signers[0]?.jwk.n, e: 'AQAB' }],
  }

  // Most runtimes fail to import it; with the others, nothing verifies.
  it.each(Object.entries(broken))('verifies nothing in either engine: %s', async (_, [alg, jwk]) => {
    const signer = signers.find((one) => one.alg === alg) as Signer
    const text = `${encode({ alg })}.${encode({})}`
    const signature = signer.sign(text)
    const compact = `${text}.${signature.toString('base64url')}`
    for (const engine of [nodeEngine, webEngine]) {
      const opened = await Promise.resolve()
        .then(() => engine.importKey(jwk, alg))
        .then((verify) => verify({ algorithm: alg, compact, signatureAt: text.length + 1, signature }))
        .catch(() => 'refused')
      expect([false, 'refused']).toContain(opened)
    }
  })
})
