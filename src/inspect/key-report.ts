import { readKeySet } from '../jwks/key-index.ts'
import { DEFAULT_ALGORITHMS, type JwsAlgorithm } from '../jws/algorithms.ts'
import { bitLength, SECRET_PROBLEMS } from '../jws/jwk.ts'
import { isObject, type JsonObject } from '../util/encoding.ts'

/** How a resource server evaluates one member of a key set. */
export interface KeyReport {
  readonly kid: string | undefined
  readonly kty: string | undefined
  /** The algorithm it is used with, or the one it names. */
  readonly algorithm: string | undefined
  /** Such as `2048 bits` or `P-256`. */
  readonly strength: string | undefined
  /** Why it is not used; `undefined` if it is. */
  readonly problem: string | undefined
  /** True if the key is not meant for signatures, which is no problem. */
  readonly isForeign: boolean
  /** True if it says that it verifies the tokens of another issuer, as in a set for many tenants. */
  readonly isForOthers: boolean
  /** True if the set exposes secret key material. */
  readonly isSecret: boolean
}

/**
 * Evaluates the members of a set one by one, with the code that a server uses.
 *
 * @param issuer whose tokens they are to verify
 */
export async function keyReports(
  set: unknown,
  issuer: string,
  algorithms: readonly JwsAlgorithm[] = DEFAULT_ALGORITHMS,
): Promise<readonly KeyReport[]> {
  const members = isObject(set) && Array.isArray(set.keys) ? set.keys : []
  return Promise.all(members.map((member) => reportOn(member, issuer, algorithms)))
}

async function reportOn(member: unknown, issuer: string, algorithms: readonly JwsAlgorithm[]): Promise<KeyReport> {
  let problem: string | undefined
  const record = (_kid: string | undefined, what: string) => {
    problem = what
  }
  const rules = { issuer, algorithms, maxKeys: 1 }
  const index = await readKeySet({ keys: [member] }, rules, undefined, record).catch(() => undefined)
  // Such a member is left out, which is not reported: a set for many tenants has many of them.
  const isForOthers = index === undefined && problem === undefined
  const jwk: JsonObject = isObject(member) ? member : {}
  return {
    kid: textOf(jwk.kid),
    kty: textOf(jwk.kty),
    algorithm: index?.entries[0]?.algorithm ?? textOf(jwk.alg),
    strength: jwk.kty === 'RSA' ? `${bitLength(jwk.n)} bits` : textOf(jwk.crv),
    problem: isForOthers ? 'it is for another issuer' : problem,
    isForOthers,
    isForeign: jwk.use === 'enc' || isForEncryption(jwk.alg),
    isSecret: problem !== undefined && SECRET_PROBLEMS.includes(problem),
  }
}

const isForEncryption = (alg: unknown): boolean => typeof alg === 'string' && /^(?:RSA|ECDH|A\d|dir|PBES)/.test(alg)

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
