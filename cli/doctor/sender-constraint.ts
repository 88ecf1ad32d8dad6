import type { Challenge, JsonObject } from '../../src/inspect/index.ts'
import { visibleValue } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'

/** What an API declares in its challenge and metadata, and what its issuer declares. */
export interface Declarations {
  readonly challenges: readonly Challenge[]
  readonly metadata?: JsonObject
  readonly issuerMetadata: JsonObject
}

const AREA = 'bindings'
const REQUIRED = 'dpop_bound_access_tokens_required'
const ALGORITHMS = 'dpop_signing_alg_values_supported'
const BY_CERTIFICATE = 'tls_client_certificate_bound_access_tokens'

export const offers = (challenges: readonly Challenge[], scheme: string): boolean =>
  challenges.some((one) => one.scheme.toLowerCase() === scheme.toLowerCase())

/** Checks that a challenge, its API's metadata (RFC 9728 §2) and the issuer (RFC 9449 §5.1, RFC 8705 §3.3) agree. */
export function evaluateSenderConstraint({ challenges, metadata, issuerMetadata }: Declarations): readonly Finding[] {
  const dpop = challenges.find(({ scheme }) => scheme.toLowerCase() === 'dpop')
  const algorithms = dpop && splitWords(dpop.parameters.algs)
  return [
    ...(algorithms ? evaluateAlgorithms(algorithms) : []),
    ...(metadata ? evaluateMetadata(challenges, metadata, algorithms) : []),
    ...evaluateIssuer(algorithms, metadata, issuerMetadata),
  ]
}

const splitWords = (text: string | undefined): readonly string[] => text?.split(' ').filter((word) => word !== '') ?? []

/** RFC 9449 §7.1, §4.3 check 5. */
function evaluateAlgorithms(algorithms: readonly string[]): readonly Finding[] {
  if (algorithms.length === 0) {
    const fix = 'list the accepted proof algorithms: algs="ES256 …" (RFC 9449 §7.1)'
    return [problem(AREA, 'the DPoP challenge lists no algs', fix)]
  }
  const wrong = algorithms.filter((name) => /^(?:none|HS\d+)$/i.test(name))
  if (wrong.length === 0) return []
  const message = `the DPoP challenge lists ${visibleValue(wrong.join(' '))}, which cannot prove possession of a key`
  return [problem(AREA, message, 'accept asymmetric algorithms only (RFC 9449 §4.3)')]
}

/** Compares a route's challenge with the metadata of the whole API. */
function evaluateMetadata(
  challenges: readonly Challenge[],
  metadata: JsonObject,
  algorithms: readonly string[] | undefined,
): readonly Finding[] {
  const findings: Finding[] = []
  for (const name of [REQUIRED, BY_CERTIFICATE]) {
    const value = metadata[name]
    if (value === undefined || typeof value === 'boolean') continue
    const message = `${name} of the metadata is ${visibleValue(value)}, which is not a boolean`
    findings.push(problem(AREA, message, 'use true or false, without quotes (RFC 9728 §2)'))
  }
  const offersBearer = offers(challenges, 'Bearer')
  if (metadata[REQUIRED] === true && (offersBearer || !algorithms)) {
    const message = `the metadata has ${REQUIRED}, but the challenge ${offersBearer ? 'offers Bearer' : 'has no DPoP'}`
    findings.push(problem(AREA, message, "set dpop to 'require', or remove that from the metadata"))
  }
  if (metadata[REQUIRED] !== true && algorithms && !offersBearer) {
    const fix = "if all routes require DPoP, set dpop to 'require', so that the metadata declares it"
    findings.push(note(AREA, 'this route accepts only DPoP, but the metadata does not declare that for the API', fix))
  }
  return [...findings, ...evaluateLists(metadata[ALGORITHMS], algorithms)]
}

function evaluateLists(listed: unknown, algorithms: readonly string[] | undefined): readonly Finding[] {
  if (listed === undefined && algorithms) {
    const fix = `publish ${ALGORITHMS} (RFC 9728 §2): metadata() does this if dpop is on`
    return [problem(AREA, `the challenge offers DPoP, but the metadata has no ${ALGORITHMS}`, fix)]
  }
  if (listed === undefined) return []
  if (!algorithms) {
    const fix = 'turn dpop on for this route, or remove that from the metadata'
    return [problem(AREA, `the metadata has ${ALGORITHMS}, but the challenge offers no DPoP`, fix)]
  }
  if (algorithms.length === 0 || (Array.isArray(listed) && haveSameMembers(listed, algorithms))) return []
  const message = `for proofs, the metadata lists ${visibleValue(listed)}, but the challenge ${visibleValue(algorithms)}`
  return [problem(AREA, message, 'derive both from the same option: dpop.algorithms')]
}

const haveSameMembers = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.every((one) => others.includes(one)) && others.every((one) => some.includes(one))

/** A client uses the same key at the issuer and at the API, so that both must accept its algorithm. */
function evaluateIssuer(
  algorithms: readonly string[] | undefined,
  metadata: JsonObject | undefined,
  issuer: JsonObject,
): readonly Finding[] {
  const findings: Finding[] = []
  if (metadata?.[BY_CERTIFICATE] === true && issuer[BY_CERTIFICATE] !== true) {
    const message = 'the API accepts certificate-bound tokens, but the issuer does not declare that it issues any'
    findings.push(note(AREA, message, 'turn them on at the issuer (RFC 8705 §3.3), or turn mtls off'))
  }
  if (!algorithms) return findings
  const listed = issuer[ALGORITHMS]
  const isRequired = metadata?.[REQUIRED] === true
  if (!Array.isArray(listed)) {
    const message = 'the API accepts DPoP-bound tokens, but the issuer does not declare that it issues any'
    const fix = 'turn DPoP on at the issuer (RFC 9449 §5.1)'
    return [...findings, isRequired ? problem(AREA, message, fix) : note(AREA, message, fix)]
  }
  const both = algorithms.filter((name) => listed.includes(name))
  if (algorithms.length > 0 && both.length === 0) {
    const message = `for proofs, the issuer accepts ${visibleValue(listed.join(' '))}, but the API ${visibleValue(algorithms.join(' '))}: no key works for both`
    return [...findings, problem(AREA, message, "add one of the issuer's algorithms to dpop.algorithms")]
  }
  if (both.length > 0) findings.push(ok(AREA, `a client key for ${visibleValue(both.join(' '))} works for both`))
  return findings
}
