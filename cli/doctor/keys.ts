import type { JwsAlgorithm, ResourceServerOptions, UpstreamError } from 'bearward'
import { type KeyReport, keyReports, probe } from '../../src/inspect/index.ts'
import { visible } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import { fixFor, PUBLISH_USABLE_KEY } from './fixes.ts'
import { type ObservedFetch, withoutQuery } from './observed-fetch.ts'

/** What the keys of a set are checked for. */
export interface KeyRules {
  readonly issuer: string
  /** The algorithms that the options or the metadata restrict tokens to, if any. */
  readonly algorithms: readonly JwsAlgorithm[] | undefined
  readonly limits: ResourceServerOptions['limits']
}

/** @param url the key set's URL, as the server requests it */
export async function checkKeySet(url: string, rules: KeyRules, observed: ObservedFetch): Promise<readonly Finding[]> {
  const { keySet = 512 * 1024, keys = 100 } = rules.limits ?? {}
  const probed = await probe(url, observed.fetch, keySet)
  const place = withoutQuery(url)
  if (probed.fault) return [problem('keys', `${place}: ${probed.fault.message}`, fixFor(probed.fault, observed))]
  const published = (probed.json as { readonly keys?: unknown } | null)?.keys
  if (Array.isArray(published) && published.length > keys)
    return [
      problem('keys', `${place} has ${published.length} keys, and a server loads no set of more than ${keys}`, FEWER),
    ]
  return evaluateKeySet(probed.json, place, rules, (count) => sizes(probed.bytes, keySet, count, keys))
}

/** @param place where the set comes from */
export async function evaluateKeySet(
  set: unknown,
  place: string,
  { issuer, algorithms }: Pick<KeyRules, 'issuer' | 'algorithms'>,
  sizesOf?: (count: number) => Finding,
): Promise<readonly Finding[]> {
  if (!Array.isArray((set as { readonly keys?: unknown } | null)?.keys))
    return [problem('keys', `${place} is not a JWK Set, an object with a list of keys`, PUBLISH_USABLE_KEY)]
  const reports = await keyReports(set, issuer, algorithms)
  if (reports.length === 0) return [problem('keys', `${place} contains no key`, PUBLISH_USABLE_KEY)]
  const usable = [...new Set(reports.filter((key) => key.problem === undefined).map((key) => key.algorithm))]
  return [
    ...reports.map((key) => findingOn(key, usable.length === 0)),
    ...(usable.length > 0
      ? [ok('algorithms', `${usable.join(', ')}, from the keys; HS* and none are never accepted`)]
      : []),
    ...(sizesOf ? [sizesOf(reports.length)] : []),
  ]
}

/** The server's own error, for a key set in which no problem was found. */
export const unavailable = (fault: UpstreamError, fix: string): Finding =>
  problem('keys', `a server cannot load the keys: ${fault.message}`, fix)

function findingOn(key: KeyReport, isAlone: boolean): Finding {
  const name = key.kid === undefined ? 'a key without kid' : `key ${JSON.stringify(visible(key.kid.slice(0, 100)))}`
  const kind = [key.kty, key.strength, key.algorithm].flatMap((text) =>
    text === undefined ? [] : visible(text.slice(0, 40)),
  )
  const what = `${name} (${kind.join(', ') || 'no key type'})`
  if (key.problem === undefined) return ok('keys', `${what} is used`)
  if (key.isSecret) {
    const fix = 'withdraw it now: anyone who has read the set can sign tokens'
    return problem('keys', `${what} is not used: ${key.problem}`, fix)
  }
  if (key.isForOthers) return note('keys', `${what} is for the tokens of another issuer`)
  if (key.isForeign) return note('keys', `${what} is not for signatures`)
  const outcome = isAlone ? 'no token can be accepted' : 'tokens signed with it are refused'
  return problem(
    'keys',
    `${what} is not used: ${key.problem}; ${outcome}`,
    `replace it. ${capital(PUBLISH_USABLE_KEY)}`,
  )
}

const FEWER = 'withdraw keys that no longer sign, or raise limits.keySet and limits.keys'

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

function sizes(bytes: number, maxBytes: number, count: number, maxCount: number): Finding {
  const message = `the key set has ${bytes} of ${maxBytes} bytes and ${count} of ${maxCount} keys`
  return bytes > maxBytes * 0.8 || count > maxCount * 0.8
    ? problem('sizes', `${message}: it will soon be too large`, FEWER)
    : ok('sizes', message)
}
