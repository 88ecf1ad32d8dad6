import { isObject, type JsonObject, metadataUrls, type Probed, probe } from '../../src/inspect/index.ts'
import { visible } from '../visible.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import { fixFor } from './fixes.ts'
import type { ObservedFetch } from './observed-fetch.ts'
import { callOf, recognize } from './providers.ts'

export interface DiscoveredMetadata {
  readonly findings: readonly Finding[]
  /** `undefined` if no metadata names the issuer. */
  readonly metadata: JsonObject | undefined
  readonly bytes: number
}

/** Fetches every possible metadata URL of an issuer (RFC 8414 §3, OpenID Connect Discovery §4). */
export async function findMetadata(
  issuer: string,
  internalUrl: string | undefined,
  observed: ObservedFetch,
): Promise<DiscoveredMetadata> {
  const urls = metadataUrls(internalUrl ?? issuer)
  const candidates = await Promise.all(urls.map(async (url) => ({ url, probed: await probe(url, observed.fetch) })))
  const good = candidates.filter(({ probed }) => issuerIn(probed) === issuer)
  const [first] = good
  if (first && !first.probed.fault) {
    const elsewhere = candidates.filter(({ probed }) => issuerIn(probed) !== issuer && !isMissing(probed))
    return {
      findings: [
        ...good.map(({ url }) => ok('discovery', `${url} names the issuer exactly`)),
        ...elsewhere.map(({ url, probed }) => note('discovery', `${url} is ignored: ${rejectionOf(probed)}`)),
      ],
      metadata: first.probed.json as JsonObject,
      bytes: first.probed.bytes,
    }
  }
  return { findings: [mostTelling(candidates, issuer, observed)], metadata: undefined, bytes: 0 }
}

const issuerIn = (probed: Probed): unknown => (probed.fault ? undefined : (probed.json as JsonObject | null)?.issuer)

const isMissing = ({ fault }: Probed): boolean => fault?.code === 'status' && fault.status === 404

function rejectionOf(probed: Probed): string {
  return probed.fault ? probed.fault.message : `it names the issuer ${display(issuerIn(probed))}`
}

interface Candidate {
  readonly url: string
  readonly probed: Probed
}

/** The most useful failure: metadata of another issuer, then an error, then a missing document. */
function mostTelling(candidates: readonly Candidate[], issuer: string, observed: ObservedFetch): Finding {
  const other = candidates.find(({ probed }) => !probed.fault)
  if (other) {
    const { json } = other.probed as { readonly json: unknown }
    if (!isObject(json)) return problem('discovery', `${other.url} is not a JSON object`, 'correct the metadata')
    const named = issuerIn(other.probed)
    const message = `${other.url} names the issuer ${display(named)} instead of ${issuer}`
    return problem('discovery', message, fixForName(named))
  }
  const faulty = candidates.find(({ probed }) => !isMissing(probed)) ?? candidates[0]
  const fault = faulty?.probed.fault
  if (!faulty || !fault) throw new TypeError('an issuer has at least one metadata URL')
  if (isMissing(faulty.probed)) {
    const known = recognize(issuer)
    const fix = known
      ? `use ${callOf(known)} from bearward/providers, which knows where the keys are`
      : 'check the issuer; if it publishes no metadata, set keys to the URL of its key set'
    return problem('discovery', `there is no metadata at any of ${candidates.length} URLs, such as ${faulty.url}`, fix)
  }
  return problem('discovery', `${faulty.url}: ${fault.message}`, fixFor(fault, observed))
}

function fixForName(named: unknown): string {
  if (typeof named !== 'string') return 'correct the metadata'
  const found = recognize(named)
  // The metadata for all tenants of Entra has a template there, and no token contains it.
  if (found?.preset === 'entraTenants') return `use ${callOf(found)} from bearward/providers`
  return `set issuer to ${display(named)}, or correct the metadata`
}

const display = (value: unknown): string =>
  typeof value === 'string' ? visible(value.slice(0, 200)) : 'as something other than a string'
