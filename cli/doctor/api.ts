import {
  type Challenge,
  isObject,
  type JsonObject,
  networkProblemOf,
  parseChallenges,
  probe,
} from '../../src/inspect/index.ts'
import { visibleValue } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import { fixFor, networkFix } from './fixes.ts'
import { observedFetch } from './observed-fetch.ts'
import { evaluateSenderConstraint } from './sender-constraint.ts'

/** A running API, and the metadata of its issuer. */
export interface ApiTarget {
  /** A protected URL. */
  readonly api: string
  readonly resource: string
  /** The required URL of the resource metadata (RFC 9728 §3). */
  readonly metadataUrl: string
  readonly issuer: string
  readonly issuerMetadata: JsonObject
}

/** The challenge and the metadata of an API. */
export interface ApiReport {
  readonly findings: readonly Finding[]
  readonly challenges: readonly Challenge[]
  readonly metadata: JsonObject | undefined
}

/** Milliseconds. */
const DEADLINE = 3000

/**
 * Requests a protected URL without a token, and the resource metadata. Never sends a token to the API.
 *
 * The metadata comes from its well-known URL at the API's origin, not from the URL in the challenge, which could be any
 * host.
 */
export async function checkApi(target: ApiTarget, onRequest: (what: string) => void): Promise<ApiReport> {
  const { api, metadataUrl } = target
  // A separate observer: the API's clock is not the issuer's.
  const observed = observedFetch(onRequest)
  const challenges = await challengesOf(api, observed.fetch)
  if ('level' in challenges) return { findings: [challenges], challenges: [], metadata: undefined }
  const findings: Finding[] = [
    ok('api', `${api} requires a token: ${challenges.map(({ scheme }) => scheme).join(', ')}`),
  ]
  const named = challenges.flatMap(({ parameters }) => parameters.resource_metadata ?? [])
  for (const url of new Set(named)) {
    if (url === metadataUrl) continue
    const message = `the challenge has resource_metadata=${visibleValue(url)} instead of ${metadataUrl}`
    findings.push(problem('api', message, "set the API's option resource to the URL of --resource (RFC 9728 §5.1)"))
  }
  const url = new URL(new URL(metadataUrl).pathname, api).href
  const probed = await probe(url, observed.fetch)
  if (probed.fault) {
    const { status } = probed.fault
    if (status === 404 && named.length === 0) {
      findings.push(note('api', 'the API publishes no metadata', 'mount metadata() for clients that use it'))
    } else {
      const fix = status === 404 ? 'mount metadata() at the root of the API' : fixFor(probed.fault, observed)
      findings.push(problem('api', `${url}: ${probed.fault.message}`, fix))
    }
    return {
      findings: [...findings, ...evaluateSenderConstraint({ ...target, challenges })],
      challenges,
      metadata: undefined,
    }
  }
  if (!isObject(probed.json)) {
    const message = `${url} is not a JSON object`
    return {
      findings: [...findings, problem('api', message, 'mount metadata() (RFC 9728 §3.2)')],
      challenges,
      metadata: undefined,
    }
  }
  const metadata = probed.json
  findings.push(
    ...evaluateMetadata(url, metadata, target),
    ...evaluateSenderConstraint({ ...target, challenges, metadata }),
  )
  return { findings, challenges, metadata }
}

async function challengesOf(api: string, fetch: typeof globalThis.fetch): Promise<readonly Challenge[] | Finding> {
  let response: Response
  try {
    response = await fetch(api, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE) })
    await response.body?.cancel()
  } catch (thrown) {
    if ((thrown as { readonly name?: unknown } | null)?.name === 'TimeoutError')
      return problem('api', `${api} does not respond within ${DEADLINE / 1000} s`, networkFix('timeout'))
    return problem('api', `${api} cannot be reached`, networkFix(networkProblemOf(thrown)))
  }
  if (response.status !== 401) {
    const fix = 'pass a protected URL to --api, or protect this one'
    return problem('api', `${api} responds to a request without a token with ${response.status} instead of 401`, fix)
  }
  const header = response.headers.get('www-authenticate')
  try {
    const challenges = parseChallenges(header ?? '')
    if (challenges.length > 0) return challenges
  } catch {
    // Reported below, without repeating the malformed value.
  }
  const message = `the WWW-Authenticate header of ${api} is ${header === null ? 'missing' : 'malformed'}`
  return problem('api', message, 'send a challenge with every 401 (RFC 9110 §11.6.1), also from proxies')
}

function evaluateMetadata(url: string, metadata: JsonObject, { resource, issuer }: ApiTarget): readonly Finding[] {
  const findings: Finding[] = []
  // RFC 9728 §3.3: clients must not use metadata of another resource.
  if (metadata.resource !== resource) {
    const message = `${url} describes ${visibleValue(metadata.resource)} instead of ${resource}`
    findings.push(problem('api', message, "set the API's option resource to the URL of --resource"))
  }
  const servers = metadata.authorization_servers
  if (!Array.isArray(servers) || !servers.includes(issuer)) {
    findings.push(problem('api', `${url} does not name ${issuer}`, 'configure the API to trust the issuer of --issuer'))
  }
  return findings.length > 0 ? findings : [ok('api', `${url} names the resource and the issuer`)]
}
