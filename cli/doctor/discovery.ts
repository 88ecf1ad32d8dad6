import { metadataUrls, type Probed, probe } from '../../src/inspect/index.ts'
import { visible } from '../visible.ts'
import { fixFor } from './faults.ts'
import { type Finding, note, ok, problem } from './finding.ts'
import type { ObservedFetch } from './observed-fetch.ts'

type Json = Readonly<Record<string, unknown>>

export interface FoundMetadata {
  readonly findings: readonly Finding[]
  /** The metadata of the issuer, where there is some. */
  readonly metadata: Json | undefined
  readonly bytes: number
}

/** Looks at every place where the metadata of an issuer can be (RFC 8414 §3, OpenID Connect Discovery §4). */
export async function lookForMetadata(
  issuer: string,
  internalUrl: string | undefined,
  observed: ObservedFetch,
): Promise<FoundMetadata> {
  const urls = metadataUrls(internalUrl ?? issuer)
  const places = await Promise.all(urls.map(async (url) => ({ url, probed: await probe(url, observed.fetch) })))
  const good = places.filter(({ probed }) => issuerIn(probed) === issuer)
  const [first] = good
  if (first && !first.probed.fault) {
    const elsewhere = places.filter(({ probed }) => issuerIn(probed) !== issuer && !isMissing(probed))
    return {
      findings: [
        ...good.map(({ url }) => ok('discovery', `${url} names the issuer exactly`)),
        ...elsewhere.map(({ url, probed }) => note('discovery', `${url} is passed over: ${whyNot(probed)}`)),
      ],
      metadata: first.probed.json as Json,
      bytes: first.probed.bytes,
    }
  }
  return { findings: [worst(places, issuer, observed)], metadata: undefined, bytes: 0 }
}

const issuerIn = (probed: Probed): unknown => (probed.fault ? undefined : (probed.json as Json | null)?.issuer)

const isMissing = ({ fault }: Probed): boolean => fault?.code === 'status' && fault.status === 404

function whyNot(probed: Probed): string {
  return probed.fault ? probed.fault.message : `it names the issuer ${shown(issuerIn(probed))}`
}

interface Place {
  readonly url: string
  readonly probed: Probed
}

/** The one that tells most: metadata of somebody else, then a fault, then nothing at all. */
function worst(places: readonly Place[], issuer: string, observed: ObservedFetch): Finding {
  const other = places.find(({ probed }) => !probed.fault)
  if (other) {
    const named = issuerIn(other.probed)
    const message = `${other.url} names the issuer ${shown(named)}, and not ${issuer}`
    const fix =
      typeof named === 'string'
        ? `set issuer to ${shown(named)}, or correct it at the server`
        : 'correct it at the server'
    return problem('discovery', message, fix)
  }
  const faulty = places.find(({ probed }) => !isMissing(probed)) ?? places[0]
  const fault = faulty?.probed.fault
  if (!faulty || !fault) throw new TypeError('an issuer has at least one place')
  if (isMissing(faulty.probed)) {
    const fix = 'check the issuer; where it publishes none, set keys to the URL of its key set'
    return problem('discovery', `there is no metadata at any of ${places.length} places, such as ${faulty.url}`, fix)
  }
  return problem('discovery', `${faulty.url}: ${fault.message}`, fixFor(fault, observed))
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? visible(value.slice(0, 200)) : 'nothing that is a text'
