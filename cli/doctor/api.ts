import { type Challenge, parseChallenges, probe } from '../../src/inspect/index.ts'
import { visibleValue } from '../visible.ts'
import { evaluateBindings } from './bindings.ts'
import { fixFor } from './faults.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import { observedFetch } from './observed-fetch.ts'

type Json = Readonly<Record<string, unknown>>

/** An API that is running, and what is known of its issuer. */
export interface ApiQuestion {
  /** A place that needs a token. */
  readonly api: string
  readonly resource: string
  /** Where the metadata of the resource belongs (RFC 9728 §3). */
  readonly metadataUrl: string
  readonly issuer: string
  readonly issuerMetadata: Json
}

/** What an API says of itself: how it takes tokens. */
export interface ApiWord {
  readonly findings: readonly Finding[]
  readonly challenges: readonly Challenge[]
  readonly metadata: Json | undefined
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Milliseconds. */
const DEADLINE = 3000

/**
 * Asks an API without a token, and for its metadata. No token is ever sent there.
 *
 * The metadata is asked for where it belongs, at the origin of the API, and not where the challenge says: that could be
 * anywhere.
 */
export async function askApi(question: ApiQuestion, tell: (what: string) => void): Promise<ApiWord> {
  const { api, metadataUrl } = question
  // Its own: the clock of the API is not that of the issuer.
  const observed = observedFetch(tell)
  const asked = await challengesOf(api, observed.fetch)
  if (!Array.isArray(asked)) return { findings: [asked as Finding], challenges: [], metadata: undefined }
  const challenges = asked as readonly Challenge[]
  const findings: Finding[] = [ok('api', `${api} wants a token: ${challenges.map(({ scheme }) => scheme).join(', ')}`)]
  const named = challenges.flatMap(({ parameters }) => parameters.resource_metadata ?? [])
  for (const url of new Set(named)) {
    if (url === metadataUrl) continue
    const message = `the challenge names the metadata ${visibleValue(url)}, and not ${metadataUrl}`
    findings.push(problem('api', message, 'set resource of the API to the same URL as --resource (RFC 9728 §5.1)'))
  }
  const url = new URL(new URL(metadataUrl).pathname, api).href
  const probed = await probe(url, observed.fetch)
  if (probed.fault) {
    const { status } = probed.fault
    if (status === 404 && named.length === 0) {
      findings.push(note('api', 'the API publishes no metadata', 'mount metadata(), for clients that look for it'))
    } else {
      const fix = status === 404 ? 'mount metadata() at the root of the API' : fixFor(probed.fault, observed)
      findings.push(problem('api', `${url}: ${probed.fault.message}`, fix))
    }
    return {
      findings: [...findings, ...evaluateBindings({ ...question, challenges })],
      challenges,
      metadata: undefined,
    }
  }
  if (!isObject(probed.json)) {
    const message = `${url} is no JSON object`
    return {
      findings: [...findings, problem('api', message, 'mount metadata() (RFC 9728 §3.2)')],
      challenges,
      metadata: undefined,
    }
  }
  const metadata = probed.json
  findings.push(
    ...evaluateMetadata(url, metadata, question),
    ...evaluateBindings({ ...question, challenges, metadata }),
  )
  return { findings, challenges, metadata }
}

async function challengesOf(api: string, fetch: typeof globalThis.fetch): Promise<readonly Challenge[] | Finding> {
  let response: Response
  try {
    response = await fetch(api, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE) })
    await response.body?.cancel()
  } catch {
    return problem('api', `${api} cannot be reached`, 'check name, port, certificate and firewall')
  }
  if (response.status !== 401) {
    const fix = 'name a place that needs a token with --api; if this one should, protect it'
    return problem('api', `${api} answers ${response.status} to a request without a token, and not 401`, fix)
  }
  const field = response.headers.get('www-authenticate')
  try {
    const challenges = parseChallenges(field ?? '')
    if (challenges.length > 0) return challenges
  } catch {
    // Told below: what is malformed is not repeated.
  }
  const message = `the WWW-Authenticate of ${api} is ${field === null ? 'missing' : 'malformed'}`
  return problem('api', message, 'have whatever answers there send a challenge (RFC 9110 §11.6.1), proxies included')
}

function evaluateMetadata(url: string, metadata: Json, { resource, issuer }: ApiQuestion): readonly Finding[] {
  const findings: Finding[] = []
  // RFC 9728 §3.3: clients must not use it otherwise.
  if (metadata.resource !== resource) {
    const message = `${url} is about ${visibleValue(metadata.resource)}, and not about ${resource}`
    findings.push(problem('api', message, 'set resource of the API to the same URL as --resource'))
  }
  const servers = metadata.authorization_servers
  if (!Array.isArray(servers) || !servers.includes(issuer)) {
    findings.push(problem('api', `${url} does not name ${issuer}`, 'have the API trust the issuer of --issuer'))
  }
  return findings.length > 0 ? findings : [ok('api', `${url} names the resource and the issuer`)]
}
