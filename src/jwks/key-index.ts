import { type JwsAlgorithm, namesOf } from '../jws/algorithms.ts'
import { signatureEngine } from '../jws/default-engine.ts'
import type { VerificationKey } from '../jws/engine.ts'
import { algorithmOf, type JsonWebKey, withFullCoordinates } from '../jws/jwk.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'

/** A usable key of a set. */
interface Entry extends VerificationKey {
  /** The same text for the same key, so that a refresh does not import it again. */
  readonly identity: string
  readonly kid: string | undefined
  readonly algorithm: JwsAlgorithm
}

/** The usable keys of one set, ready for look-ups. */
export interface KeyIndex {
  readonly entries: readonly Entry[]
  find(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[]
  has(key: VerificationKey): boolean
}

export interface KeySetRules {
  readonly algorithms: readonly JwsAlgorithm[]
  readonly maxKeys: number
}

export type OnSkip = (kid: string | undefined, problem: string) => void

// Tokens without `kid`, and sets that use one `kid` twice, leave several keys to try: few enough to bound the work.
const MAX_CANDIDATES = 16

/**
 * Reads a key set. A member that cannot be used is left out and reported (RFC 7517 §5); a set without any usable
 * member, or with too many, is a fault and replaces nothing.
 */
export async function readKeySet(
  json: unknown,
  rules: KeySetRules,
  previous: KeyIndex | undefined,
  onSkip: OnSkip,
): Promise<KeyIndex> {
  const members = membersOf(json, rules.maxKeys)
  const known = new Map(previous?.entries.map((entry) => [entry.identity, entry]))
  const read = await Promise.all(members.map((member) => readMember(member, rules.algorithms, known, onSkip)))
  const entries = read.filter((entry) => entry !== undefined)
  if (entries.length === 0) throw new UpstreamError('no_usable_keys', 'the key set holds no usable key')
  return tableOf(entries)
}

/** The structure of a set, before any of its members is looked at. */
export function membersOf(json: unknown, maxKeys: number): readonly unknown[] {
  const members = isObject(json) ? json.keys : undefined
  if (!Array.isArray(members)) throw new UpstreamError('shape', 'the answer is not a JWK Set')
  if (members.length > maxKeys) throw new UpstreamError('too_large', `the key set has more than ${maxKeys} keys`)
  return members
}

async function readMember(
  member: unknown,
  algorithms: readonly JwsAlgorithm[],
  known: ReadonlyMap<string, Entry>,
  onSkip: OnSkip,
): Promise<Entry | undefined> {
  if (!isObject(member)) return skip(onSkip, undefined, 'it is not an object')
  const kid = typeof member.kid === 'string' ? member.kid : undefined
  if (member.kid !== undefined && kid === undefined) return skip(onSkip, undefined, 'its kid is not a string')
  const evaluated = algorithmOf(member, algorithms)
  if ('problem' in evaluated) return skip(onSkip, kid, evaluated.problem)
  const identity = identityOf(member, kid, evaluated.algorithm)
  const same = known.get(identity)
  if (same) return same
  try {
    const verify = await signatureEngine.importKey(withFullCoordinates(member), evaluated.algorithm)
    return { identity, kid, algorithm: evaluated.algorithm, verify }
  } catch {
    return skip(onSkip, kid, 'its key material is not valid, or this runtime cannot use it')
  }
}

function skip(onSkip: OnSkip, kid: string | undefined, problem: string): undefined {
  onSkip(kid, problem)
}

/** Of the material only what is text counts: nothing else can be imported, and it may be nested too deep to write out. */
function identityOf(jwk: JsonWebKey, kid: string | undefined, algorithm: JwsAlgorithm): string {
  const { kty, crv, n, e, x, y, pub } = jwk
  const material = [kty, crv, n, e, x, y, pub].map((member) => (typeof member === 'string' ? member : null))
  return JSON.stringify([kid, algorithm, ...material])
}

const NONE: readonly Entry[] = Object.freeze([])

function tableOf(entries: readonly Entry[]): KeyIndex {
  // Prepared for each question a token can ask, because every new token asks one.
  const byKid = new Map<string | undefined, Map<JwsAlgorithm, Entry[]>>()
  for (const entry of entries) {
    for (const kid of new Set([entry.kid, undefined])) {
      const byAlgorithm = byKid.get(kid) ?? new Map<JwsAlgorithm, Entry[]>()
      byKid.set(kid, byAlgorithm)
      for (const name of namesOf(entry.algorithm)) {
        const candidates = byAlgorithm.get(name) ?? []
        if (candidates.length < MAX_CANDIDATES) byAlgorithm.set(name, [...candidates, entry])
      }
    }
  }
  const keys = new Set<VerificationKey>(entries)
  return {
    entries,
    find: (algorithm, kid) => byKid.get(kid)?.get(algorithm) ?? NONE,
    has: (key) => keys.has(key),
  }
}
