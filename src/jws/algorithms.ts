/** The signature algorithms a token may use: asymmetric ones only (RFC 7518 §3, RFC 8037, RFC 9864, RFC 9964). */
export type JwsAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'

export type Algorithm =
  | { readonly kty: 'RSA'; readonly padding: 'pkcs1' | 'pss'; readonly digest: string; readonly digestBytes: number }
  | { readonly kty: 'EC'; readonly crv: string; readonly digest: string; readonly signatureBytes: number }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly signatureBytes: number }
  | { readonly kty: 'AKP' }

const rsa = (padding: 'pkcs1' | 'pss', digest: string, digestBytes: number): Algorithm => ({
  kty: 'RSA',
  padding,
  digest,
  digestBytes,
})
const ec = (crv: string, digest: string, signatureBytes: number): Algorithm => ({
  kty: 'EC',
  crv,
  digest,
  signatureBytes,
})
const ed25519: Algorithm = { kty: 'OKP', crv: 'Ed25519', signatureBytes: 64 }
const mlDsa: Algorithm = { kty: 'AKP' }

/** The algorithm table of both engines. Anything else (`none`, HS*, JWE algorithms) is not supported. */
export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<JwsAlgorithm, Algorithm>([
  ['RS256', rsa('pkcs1', 'sha256', 32)],
  ['RS384', rsa('pkcs1', 'sha384', 48)],
  ['RS512', rsa('pkcs1', 'sha512', 64)],
  ['PS256', rsa('pss', 'sha256', 32)],
  ['PS384', rsa('pss', 'sha384', 48)],
  ['PS512', rsa('pss', 'sha512', 64)],
  ['ES256', ec('P-256', 'sha256', 64)],
  ['ES384', ec('P-384', 'sha384', 96)],
  ['ES512', ec('P-521', 'sha512', 132)],
  ['EdDSA', ed25519],
  ['Ed25519', ed25519],
  ['ML-DSA-44', mlDsa],
  ['ML-DSA-65', mlDsa],
  ['ML-DSA-87', mlDsa],
])

export const isJwsAlgorithm = (name: unknown): name is JwsAlgorithm => typeof name === 'string' && ALGORITHMS.has(name)

/** The default of the issuer option. ML-DSA must be listed explicitly, since few runtimes support it. */
export const DEFAULT_ALGORITHMS: readonly JwsAlgorithm[] = [
  ...(ALGORITHMS.keys() as IterableIterator<JwsAlgorithm>),
].filter((name) => ALGORITHMS.get(name)?.kty !== 'AKP')

/** `EdDSA` and `Ed25519` name one algorithm (RFC 9864 §2.2): a key for one is a key for the other. */
export const sameAlgorithm = (a: string, b: string): boolean =>
  a === b || (ALGORITHMS.get(a) === ed25519 && ALGORITHMS.get(b) === ed25519)

/** All names of an algorithm. */
export const namesOf = (algorithm: JwsAlgorithm): readonly JwsAlgorithm[] =>
  [...(ALGORITHMS.keys() as IterableIterator<JwsAlgorithm>)].filter((name) => sameAlgorithm(name, algorithm))
