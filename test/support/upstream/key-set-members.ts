import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'

const rsaJwk = (modulusLength: number, publicExponent = 65_537): JsonWebKey =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' })
const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const ecJwk = (namedCurve: string): JsonWebKey => ecPair(namedCurve).publicKey.export({ format: 'jwk' })

const rsa = rsaJwk(2048)
const ec = ecJwk('P-256')
const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })

const bytes = (...values: number[]): string => Buffer.from(values).toString('base64url')
const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
const pointOff = `${ec.x?.startsWith('A') ? 'B' : 'A'}${ec.x?.slice(1)}`

/** Members of a key set that must not be used, by their defect. */
export const UNUSABLE_MEMBERS: Readonly<Record<string, unknown>> = {
  null: null,
  'a number': 7,
  'a string': 'key',
  'a list': [],
  'lists in lists': nested(200),
  'an empty object': {},
  'no kty': { ...ec, kty: undefined },
  'kty of another type': { ...ec, kty: ['EC'] },
  'an unknown kty': { ...ec, kty: 'XYZ' },
  'the name of a prototype member as kty': { ...ec, kty: '__proto__' },
  'a symmetric key (RFC 7518 §6.4)': { kty: 'oct', k: bytes(1, 2, 3) },
  'a symmetric key for HS256': { kty: 'oct', alg: 'HS256', k: bytes(1, 2, 3) },
  'a private EC key': ecPair('P-256').privateKey.export({ format: 'jwk' }),
  'a public key with a private member': { ...rsa, d: 'AQ' },
  'a public key with k': { ...rsa, k: 'AQ' },
  'use enc (RFC 7517 §4.2)': { ...rsa, use: 'enc' },
  'use of another type': { ...rsa, use: ['sig'] },
  'key_ops without verify (RFC 7517 §4.3)': { ...rsa, key_ops: ['encrypt'] },
  'key_ops empty': { ...rsa, key_ops: [] },
  'key_ops as a string': { ...rsa, key_ops: 'verify' },
  'alg of encryption': { ...rsa, alg: 'RSA-OAEP' },
  'alg none': { ...rsa, alg: 'none' },
  'alg HS256 on an RSA key': { ...rsa, alg: 'HS256' },
  'alg of another type': { ...rsa, alg: 256 },
  'alg of another kty': { ...rsa, alg: 'ES256' },
  'alg of another curve': { ...ec, alg: 'ES384' },
  'EdDSA on an EC key': { ...ec, alg: 'EdDSA' },
  'RSA of 1024 bits (RFC 7518 §3.3)': rsaJwk(1024),
  'RSA of 2040 bits': rsaJwk(2040),
  'RSA of 2048 bits by leading zeros only': {
    ...rsa,
    n: Buffer.concat([Buffer.alloc(128), Buffer.from(rsaJwk(1024).n ?? '', 'base64url')]).toString('base64url'),
  },
  'RSA with a modulus of 8200 bits': { ...rsa, n: Buffer.alloc(1025, 0xff).toString('base64url') },
  'RSA with a modulus of 100,000 bits': { ...rsa, n: Buffer.alloc(12_500, 0xff).toString('base64url') },
  'RSA with e = 0': { ...rsa, e: bytes(0) },
  'RSA with e = 1': { ...rsa, e: bytes(1) },
  'RSA with e = 3': rsaJwk(2048, 3),
  'RSA with e = 3 behind zeros': { ...rsa, e: bytes(0, 0, 0, 3) },
  'RSA with e = 65535': { ...rsa, e: bytes(255, 255) },
  'RSA with an even e': { ...rsa, e: bytes(1, 0, 2) },
  'RSA with an e of 33 bits': { ...rsa, e: bytes(1, 0, 0, 0, 1) },
  'RSA with a huge e': { ...rsa, e: rsa.n },
  'RSA in a certificate only (RFC 7517 §4.7)': { ...rsa, n: undefined, e: undefined, x5c: ['MIIB'] },
  'RSA without n': { ...rsa, n: undefined },
  'RSA without e': { ...rsa, e: undefined },
  'RSA with n in base64 of another kind': { ...rsa, n: `${rsa.n}==` },
  'RSA with e as a number': { ...rsa, e: 65_537 },
  'EC point off the curve': { ...ec, x: pointOff },
  'EC point with x for y': { ...ec, y: ec.x },
  'EC point at zero': { ...ec, x: Buffer.alloc(32).toString('base64url'), y: Buffer.alloc(32).toString('base64url') },
  'EC with x too short': { ...ec, x: ec.x?.slice(0, 20) },
  'EC with x too long': { ...ec, x: `${ec.x}${ec.x}` },
  'EC without y': { ...ec, y: undefined },
  'EC without crv': { ...ec, crv: undefined },
  'EC with an unknown curve': { ...ec, crv: 'P-257' },
  'EC on secp256k1 (RFC 8812)': {
    kty: 'EC',
    crv: 'secp256k1',
    x: 'PfmaWokZrGw0TphJQ663ic2l3xogbEcEjj7HntalWbo',
    y: 'QsJfLSJP50nriKqBnwc7PwHvNgdlMPxySTm46o_BRWc',
  },
  'EC on P-384 that says P-256': { ...ecJwk('P-384'), crv: 'P-256' },
  'Ed25519 with x too short': { ...ed, x: ed.x?.slice(0, 20) },
  'Ed25519 with x too long': { ...ed, x: `${ed.x}AAAA` },
  'Ed25519 with x as a list': { ...ed, x: [ed.x] },
  'Ed25519 with lists in lists for x': { ...ed, x: nested(200) },
  'EC with an object for y': { ...ec, y: { toString: 'x' } },
  X25519: generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }),
  'a kid that is a number': { ...ec, kid: 7 },
  'a kid that is a list': { ...ec, kid: ['a'] },
}
