import type { JwsAlgorithm } from 'bearward'
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../../src/errors/refusal.ts'
import { signatureEngine } from '../../../src/jws/default-engine.ts'
import { DEFAULT_PROOF_ALGORITHMS } from '../../../src/sender-constraint/dpop/proof-algorithms.ts'
import { type ProofKey, readProofKey, thumbprintOf } from '../../../src/sender-constraint/dpop/proof-key.ts'
import { createProofVerifier } from '../../../src/sender-constraint/dpop/verify-proof.ts'
import { amount } from '../../support/tiers/amount.ts'
import { type Client, createClient, outcomeOf, settingsWith } from './kit.ts'

const ALL: readonly JwsAlgorithm[] = [...DEFAULT_PROOF_ALGORITHMS, 'ES384', 'ES512']

const clients = new Map<JwsAlgorithm, Client>()
let ec: Client
let rsa: Client
let okp: Client
beforeAll(async () => {
  for (const algorithm of ALL) clients.set(algorithm, await createClient(algorithm))
  ec = clients.get('ES256') as Client
  rsa = clients.get('RS256') as Client
  okp = clients.get('Ed25519') as Client
}, 60_000)

afterEach(() => vi.restoreAllMocks())

describe('keys that are accepted', () => {
  it.each(ALL)('%s', async (algorithm) => {
    const client = clients.get(algorithm) as Client
    const verifier = createProofVerifier(settingsWith({ algorithms: ALL }))
    expect(await outcomeOf(client, await client.prove(), {}, verifier)).toBe('good')
    // Again, with the key cached and an invalid signature.
    expect(await outcomeOf(client, await client.prove(), {}, verifier)).toBe('good')
    const proof = await client.prove()
    const broken = `${proof.slice(0, -8)}${proof.slice(-8) === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'}`
    expect(await outcomeOf(client, broken, {}, verifier)).toBe('proof_signature')
  })

  it.each(['ES384', 'ES512'] as const)('%s only if configured: it costs a multiple of ES256', async (algorithm) => {
    const client = clients.get(algorithm) as Client
    expect(await outcomeOf(client, await client.prove())).toBe('proof_algorithm')
  })

  it('with either name of Ed25519 (RFC 9864 §2.2)', async () => {
    expect(await outcomeOf(okp, await okp.prove({ header: { alg: 'EdDSA' } }))).toBe('good')
  })

  // To create a key of 4096 bits takes seconds.
  const bits = amount(4096, 3072)
  it(`of ${bits} bits`, async () => {
    const large = await createClient('PS512', { modulusLength: bits })
    expect(await outcomeOf(large, await large.prove())).toBe('good')
  }, 60_000)

  it('are imported once for all proofs of a client, and kept only after a valid signature', async () => {
    const imports = vi.spyOn(signatureEngine, 'importKey')
    const verifier = createProofVerifier(settingsWith())
    const forged = (await ec.prove()).replace(/[^.]*$/, 'AA'.repeat(43))
    for (const proof of [forged, forged]) expect(await outcomeOf(ec, proof, {}, verifier)).toBe('proof_signature')
    expect(imports).toHaveBeenCalledTimes(2)
    for (const proof of [await ec.prove(), await ec.prove(), await ec.prove()]) {
      expect(await outcomeOf(ec, proof, {}, verifier)).toBe('good')
    }
    expect(imports).toHaveBeenCalledTimes(3)
  })

  it('with members about its purpose, and unknown ones', async () => {
    for (const more of [
      { alg: 'ES256' },
      { use: 'sig' },
      { key_ops: ['verify'], ext: true },
      { kid: 'x', x5c: ['x'] },
    ]) {
      expect(await outcomeOf(ec, await ec.prove({ header: { jwk: { ...ec.jwk, ...more } } }))).toBe('good')
    }
  })

  it('regardless of other keys in the header, which are not used (RFC 9449 §4.2)', async () => {
    const header = { kid: 'x', jku: 'https://evil.example/keys', x5u: 'https://evil.example', x5c: ['MII='], x5t: 'x' }
    expect(await outcomeOf(ec, await ec.prove({ header }))).toBe('good')
  })
})

describe('keys that are refused (D4)', () => {
  const expectRefused = async (client: Client, jwk: unknown, header: object = {}) =>
    expect(await outcomeOf(client, await client.prove({ header: { jwk, ...header } }))).toBe('proof_key')

  it.each([
    undefined,
    null,
    '',
    'key',
    1,
    [],
    {},
    { kty: 'EC' },
    { kty: 'constructor' },
    { kty: '__proto__' },
    { kty: ['EC'] },
  ])('%j', async (jwk) => {
    await expectRefused(ec, jwk)
  })

  it('private ones, and any with a private member (RFC 9449 §4.3 check 7)', async () => {
    for (const client of [ec, rsa, okp]) await expectRefused(client, client.privateJwk)
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']) {
      await expectRefused(ec, { ...ec.jwk, [name]: null })
    }
  })

  it('symmetric ones, with any algorithm', async () => {
    await expectRefused(ec, { kty: 'oct', k: 'c2VjcmV0' })
    const header = { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }
    expect(await outcomeOf(ec, await ec.prove({ header }))).toBe('proof_algorithm')
  })

  it('those whose type, curve or purpose does not fit the algorithm', async () => {
    await expectRefused(ec, rsa.jwk)
    await expectRefused(ec, okp.jwk)
    await expectRefused(ec, clients.get('ES384')?.jwk)
    await expectRefused(okp, { ...okp.jwk, crv: 'X25519' })
    await expectRefused(ec, { ...ec.jwk, crv: 'secp256k1' })
    await expectRefused(ec, { ...ec.jwk, alg: 'ES384' })
    await expectRefused(ec, { ...ec.jwk, use: 'enc' })
    await expectRefused(ec, { ...ec.jwk, key_ops: ['sign'] })
  })

  it('those with a huge or small modulus or exponent', async () => {
    const number = (bytes: number, last = 1) => {
      const value = Buffer.alloc(bytes, 0xff)
      value[bytes - 1] = last
      return value.toString('base64url')
    }
    for (const n of [number(513), number(2048), number(255), number(1), '']) await expectRefused(rsa, { ...rsa.jwk, n })
    for (const e of [number(5), number(256), 'Aw', 'AQAA', 'AQ', '']) await expectRefused(rsa, { ...rsa.jwk, e })
  })

  it('those in a non-canonical encoding: one key has one thumbprint (RFC 7518 §2, §6.2.1.2)', async () => {
    const longer = (text = '') => Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]).toString('base64url')
    await expectRefused(rsa, { ...rsa.jwk, n: longer(rsa.jwk.n) })
    await expectRefused(rsa, { ...rsa.jwk, e: 'AAEAAQ' })
    await expectRefused(rsa, { ...rsa.jwk, e: 'AQAB=' })
    for (const x of [longer(ec.jwk.x), ec.jwk.x?.slice(0, -2), `${ec.jwk.x}=`, `${ec.jwk.x} `, [ec.jwk.x], undefined]) {
      await expectRefused(ec, { ...ec.jwk, x })
    }
    for (const x of [longer(okp.jwk.x), okp.jwk.x?.slice(0, -2)]) await expectRefused(okp, { ...okp.jwk, x })
  })

  it('those of ML-DSA that are larger than any, or not in base64url (RFC 9964)', () => {
    const read = (pub: unknown) => readProofKey({ kty: 'AKP', alg: 'ML-DSA-87', pub }, 'ML-DSA-87')
    const ofBytes = (length: number) => Buffer.alloc(length, 7).toString('base64url')
    expect(read(ofBytes(2592))).toHaveProperty('jwk.pub', ofBytes(2592))
    for (const pub of [ofBytes(2593), ofBytes(100_000), `${ofBytes(1312)}=`, 7]) {
      expect(read(pub)).toMatchObject({ reason: 'proof_key' })
    }
  })

  it('those whose point is not on the curve', async () => {
    const jwk = { ...ec.jwk, y: ec.jwk.x as string }
    const jkt = await calculateJwkThumbprint(jwk)
    expect(await outcomeOf(ec, await ec.prove({ header: { jwk } }), { jkt })).toBe('proof_key')
  })
})

const proofKey = (...parameters: Parameters<typeof readProofKey>): ProofKey => {
  const key = readProofKey(...parameters)
  if (key instanceof Refusal) throw new Error(key.reason)
  return key
}

describe('the thumbprint', () => {
  it.each(ALL)('equals that of jose for %s (RFC 7638 §3)', async (algorithm) => {
    const client = clients.get(algorithm) as Client
    const jwk = Object.fromEntries(Object.entries({ ...client.jwk, kid: 'x', use: 'sig', alg: algorithm }).reverse())
    expect(await thumbprintOf(proofKey(jwk, algorithm))).toBe(client.jkt)
  })

  it('equals that of jose for ML-DSA (RFC 9964)', async () => {
    const jwk = { kty: 'AKP', alg: 'ML-DSA-44', pub: Buffer.alloc(1312, 7).toString('base64url') }
    expect(await thumbprintOf(proofKey(jwk, 'ML-DSA-44'))).toBe(await calculateJwkThumbprint(jwk))
  })

  it('equals that of the example (RFC 7638 §3.1)', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs' +
      'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS' +
      'D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }
    expect(await thumbprintOf(proofKey(jwk, 'RS256'))).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })
})
