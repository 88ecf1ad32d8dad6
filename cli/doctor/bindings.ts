import type { Challenge } from '../../src/inspect/index.ts'
import { visibleValue } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'

type Json = Readonly<Record<string, unknown>>

/** What an API says in its challenge and in its metadata, and what its issuer says. */
export interface Said {
  readonly challenges: readonly Challenge[]
  readonly metadata?: Json
  readonly issuerMetadata: Json
}

const AREA = 'bindings'
const REQUIRED = 'dpop_bound_access_tokens_required'
const ALGORITHMS = 'dpop_signing_alg_values_supported'
const BY_CERTIFICATE = 'tls_client_certificate_bound_access_tokens'

export const offers = (challenges: readonly Challenge[], scheme: string): boolean =>
  challenges.some((one) => one.scheme.toLowerCase() === scheme.toLowerCase())

/** Whether all agree on tokens that are bound: an API, its metadata (RFC 9728 §2), and its issuer (RFC 9449 §5.1, RFC 8705 §3.3). */
export function evaluateBindings({ challenges, metadata, issuerMetadata }: Said): readonly Finding[] {
  const said = challenges.find(({ scheme }) => scheme.toLowerCase() === 'dpop')
  const algorithms = said && wordsOf(said.parameters.algs)
  return [
    ...(algorithms ? evaluateAlgorithms(algorithms) : []),
    ...(metadata ? evaluateWords(challenges, metadata, algorithms) : []),
    ...evaluateIssuer(algorithms, metadata, issuerMetadata),
  ]
}

const wordsOf = (text: string | undefined): readonly string[] => text?.split(' ').filter((word) => word !== '') ?? []

/** RFC 9449 §7.1, §4.3 check 5. */
function evaluateAlgorithms(algorithms: readonly string[]): readonly Finding[] {
  if (algorithms.length === 0) {
    const fix = 'have it say which ones are taken for proofs: algs="ES256 …" (RFC 9449 §7.1)'
    return [problem(AREA, 'the DPoP challenge lists no algs', fix)]
  }
  const wrong = algorithms.filter((name) => /^(?:none|HS\d+)$/i.test(name))
  if (wrong.length === 0) return []
  const message = `the DPoP challenge lists ${visibleValue(wrong.join(' '))}, by which no key is proven`
  return [problem(AREA, message, 'take asymmetric algorithms only (RFC 9449 §4.3)')]
}

/** The challenge of a route, and the metadata of the whole API. */
function evaluateWords(
  challenges: readonly Challenge[],
  metadata: Json,
  algorithms: readonly string[] | undefined,
): readonly Finding[] {
  const findings: Finding[] = []
  for (const name of [REQUIRED, BY_CERTIFICATE]) {
    const value = metadata[name]
    if (value === undefined || typeof value === 'boolean') continue
    const message = `${name} of the metadata is ${visibleValue(value)}, and no boolean`
    findings.push(problem(AREA, message, 'write true or false, without quotes (RFC 9728 §2)'))
  }
  const offersBearer = offers(challenges, 'Bearer')
  if (metadata[REQUIRED] === true && (offersBearer || !algorithms)) {
    const message = `the metadata has ${REQUIRED}, but the challenge ${offersBearer ? 'offers Bearer' : 'has no DPoP'}`
    findings.push(problem(AREA, message, "set dpop to 'require', or take that out of the metadata"))
  }
  if (metadata[REQUIRED] !== true && algorithms && !offersBearer) {
    const fix = "if all routes do, set dpop to 'require', so that clients learn it from the metadata"
    findings.push(note(AREA, 'this route takes DPoP only; the metadata does not say so of the API', fix))
  }
  return [...findings, ...evaluateLists(metadata[ALGORITHMS], algorithms)]
}

function evaluateLists(listed: unknown, algorithms: readonly string[] | undefined): readonly Finding[] {
  if (listed === undefined && algorithms) {
    const fix = `publish ${ALGORITHMS} (RFC 9728 §2): metadata() does where dpop is on`
    return [problem(AREA, `the challenge offers DPoP, but the metadata has no ${ALGORITHMS}`, fix)]
  }
  if (listed === undefined) return []
  if (!algorithms) {
    const fix = 'turn dpop on for this route, or take that out of the metadata'
    return [problem(AREA, `the metadata has ${ALGORITHMS}, but the challenge offers no DPoP`, fix)]
  }
  if (algorithms.length === 0 || (Array.isArray(listed) && wordsAlike(listed, algorithms))) return []
  const message = `for proofs, the metadata lists ${visibleValue(listed)}, but the challenge ${visibleValue(algorithms)}`
  return [problem(AREA, message, 'have both come from the same option: dpop.algorithms')]
}

const wordsAlike = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.every((one) => others.includes(one)) && others.every((one) => some.includes(one))

/** A token is bound to the key that proved itself to the issuer: one key has to do for both. */
function evaluateIssuer(
  algorithms: readonly string[] | undefined,
  metadata: Json | undefined,
  issuer: Json,
): readonly Finding[] {
  const findings: Finding[] = []
  if (metadata?.[BY_CERTIFICATE] === true && issuer[BY_CERTIFICATE] !== true) {
    const message = `the API takes tokens bound to certificates, but the issuer does not say that it issues any`
    findings.push(note(AREA, message, 'turn them on at the issuer (RFC 8705 §3.3), or mtls off'))
  }
  if (!algorithms) return findings
  const listed = issuer[ALGORITHMS]
  const isRequired = metadata?.[REQUIRED] === true
  if (!Array.isArray(listed)) {
    const message = 'the API takes tokens bound to keys, but the issuer does not say that it issues any'
    const fix = 'turn DPoP on at the issuer (RFC 9449 §5.1)'
    return [...findings, isRequired ? problem(AREA, message, fix) : note(AREA, message, fix)]
  }
  const both = algorithms.filter((name) => listed.includes(name))
  if (algorithms.length > 0 && both.length === 0) {
    const message = `for proofs, the issuer takes ${visibleValue(listed.join(' '))}, but the API ${visibleValue(algorithms.join(' '))}: no key does for both`
    return [...findings, problem(AREA, message, 'name one of the former in dpop.algorithms')]
  }
  if (both.length > 0) findings.push(ok(AREA, `a key of a client for ${visibleValue(both.join(' '))} does for both`))
  return findings
}
