import { type JwsAlgorithm, namesOf } from '../jws/algorithms.ts'
import { signatureEngine } from '../jws/default-engine.ts'
import type { VerificationKey } from '../jws/engine.ts'
import { algorithmOf, type JsonWebKey, withFullCoordinates } from '../jws/jwk.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { isObject } from '../util/encoding.ts'
import { FOREVER } from '../util/time.ts'

/** A usable key of a set. */
interface Entry extends VerificationKey {
  /** Equal for equal keys, so that a refresh does not import them again. */
  readonly identity: string
  readonly kid: string | undefined
  readonly algorithm: JwsAlgorithm
}

/** The usable keys of one set, indexed by algorithm and `kid`. */
export interface KeyIndex {
  readonly entries: readonly Entry[]
  find(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[]
  has(key: VerificationKey): boolean
  /** True if there is a key for it, with whatever algorithm; without `kid`, if there is any key. */
  hasKid(kid: string | undefined): boolean
}

class EntryIndex implements KeyIndex {
  readonly entries: readonly Entry[]
  readonly #byKid: ReadonlyMap<string | undefined, ReadonlyMap<JwsAlgorithm, readonly Entry[]>>

  constructor(entries: readonly Entry[]) {
    this.entries = entries
    this.#byKid = byKid(entries)
  }

  find(algorithm: JwsAlgorithm, kid: string | undefined): readonly VerificationKey[] {
    return this.#byKid.get(kid)?.get(algorithm) ?? NONE
  }

  // A set has few keys, and with many issuers, a lookup in a `Set` reads more memory.
  has(key: VerificationKey): boolean {
    return (this.entries as readonly VerificationKey[]).includes(key)
  }

  hasKid(kid: string | undefined): boolean {
    return this.#byKid.has(kid)
  }
}

export interface KeySetRules {
  /** Keys that name another issuer are ignored. */
  readonly issuer?: string
  readonly algorithms: readonly JwsAlgorithm[]
  readonly maxKeys: number
}

export type OnSkip = (kid: string | undefined, problem: string) => void

/**
 * Reads a key set. An unusable member is skipped and reported (RFC 7517 §5). A set without usable members, or with too
 * many members, is an error, so that the previous set stays in use.
 */
export async function readKeySet(
  json: unknown,
  rules: KeySetRules,
  previous: KeyIndex | undefined,
  onSkip: OnSkip,
): Promise<KeyIndex> {
  const { issuer, maxKeys } = rules
  const all = membersOf(json, maxKeys)
  const members = issuer === undefined ? all : all.filter((member) => isFor(member, issuer))
  const reusable = new Map(previous?.entries.map((entry) => [entry.identity, entry]))
  const read = await Promise.all(members.map((member) => readMember(member, rules.algorithms, reusable, onSkip)))
  const entries = read.filter((entry) => entry !== undefined)
  if (entries.length === 0) throw noUsableKeys()
  return new EntryIndex(entries)
}

/**
 * A key set that serves many tenants may say for each key whose tokens it verifies, with `{tenantid}` for any tenant:
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
function isFor(member: unknown, issuer: string): boolean {
  if (!isObject(member) || !Object.hasOwn(member, 'issuer')) return true
  if (typeof member.issuer !== 'string') return false
  const [before = '', after, ...others] = member.issuer.split('{tenantid}')
  if (after === undefined) return before === issuer
  if (others.length > 0 || !issuer.startsWith(before) || !issuer.endsWith(after)) return false
  const tenant = issuer.slice(before.length, issuer.length - after.length)
  return issuer.length > before.length + after.length && !tenant.includes('/')
}

const noUsableKeys = () => new UpstreamError('no_usable_keys', 'the key set holds no usable key')

/** A set without members is a failure for all issuers that share it, so that it replaces no other. */
export function requireMembers(json: unknown): void {
  if (membersOf(json, FOREVER).length === 0) throw noUsableKeys()
}

/** Checks the structure of a set, but none of its members. What is `null` in a key is absent: some serializers write it. */
export function membersOf(json: unknown, maxKeys: number): readonly unknown[] {
  const members = isObject(json) ? json.keys : undefined
  if (!Array.isArray(members)) throw new UpstreamError('shape', 'the response is not a JWK Set')
  if (members.length > maxKeys) throw new UpstreamError('too_large', `the key set has more than ${maxKeys} keys`)
  return members.map(withoutNulls)
}

/** An issuer restricts whose tokens a key verifies: what names none there must not name all. */
const withoutNulls = (member: unknown): unknown =>
  isObject(member)
    ? Object.fromEntries(Object.entries(member).filter(([name, value]) => value !== null || name === 'issuer'))
    : member

async function readMember(
  member: unknown,
  algorithms: readonly JwsAlgorithm[],
  reusable: ReadonlyMap<string, Entry>,
  onSkip: OnSkip,
): Promise<Entry | undefined> {
  if (!isObject(member)) return skip(onSkip, undefined, 'it is not an object')
  const kid = typeof member.kid === 'string' ? member.kid : undefined
  if (member.kid !== undefined && kid === undefined) return skip(onSkip, undefined, 'its kid is not a string')
  const evaluated = algorithmOf(member, algorithms)
  if ('problem' in evaluated) return skip(onSkip, kid, evaluated.problem)
  const identity = identityOf(member, kid, evaluated.algorithm)
  const same = reusable.get(identity)
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

/** Includes only string members: no others can be imported, and they may be nested too deep to serialize. */
function identityOf(jwk: JsonWebKey, kid: string | undefined, algorithm: JwsAlgorithm): string {
  const { kty, crv, n, e, x, y, pub } = jwk
  const material = [kty, crv, n, e, x, y, pub].map((member) => (typeof member === 'string' ? member : null))
  return JSON.stringify([kid, algorithm, ...material])
}

const NONE: readonly Entry[] = Object.freeze([])

/** Precomputed for each algorithm and `kid`, because every new token needs a lookup. */
function byKid(
  entries: readonly Entry[],
): ReadonlyMap<string | undefined, ReadonlyMap<JwsAlgorithm, readonly Entry[]>> {
  const found = new Map<string | undefined, Map<JwsAlgorithm, Entry[]>>()
  for (const entry of entries) {
    for (const kid of new Set([entry.kid, undefined])) {
      const byAlgorithm = found.get(kid) ?? new Map<JwsAlgorithm, Entry[]>()
      found.set(kid, byAlgorithm)
      for (const name of namesOf(entry.algorithm)) {
        const candidates = byAlgorithm.get(name) ?? []
        candidates.push(entry)
        byAlgorithm.set(name, candidates)
      }
    }
  }
  return found
}
