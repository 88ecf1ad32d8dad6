type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** What the headers of a response reveal about the server. */
interface ObservedResponse {
  readonly url: string
  /** The target of a redirect. */
  readonly location: string | undefined
  /** Seconds by which the server's clock is ahead of ours. */
  readonly clockOffset: number | undefined
}

/** A fetch that records redirects and clock offsets. */
export interface ObservedFetch {
  readonly fetch: Fetch
  /** The last redirect. */
  lastRedirect(): { readonly from: string; readonly to: string } | undefined
  /** The smallest offset of all responses: caches can only make the server's clock look slow. */
  clockOffset(): number | undefined
}

/**
 * @param onRequest called with each request before it is sent
 * @param send the `fetch` of the configuration
 */
export function observedFetch(onRequest: (what: string) => void, send: Fetch = globalThis.fetch): ObservedFetch {
  const responses: ObservedResponse[] = []
  return {
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input)
      onRequest(`${init?.method ?? 'GET'} ${withoutQuery(url)}`)
      const began = Date.now()
      const response = await send(input, init)
      responses.push({
        url: withoutQuery(url),
        location: response.headers.get('location') ?? undefined,
        clockOffset: offsetOf(response.headers, (began + Date.now()) / 2),
      })
      return response
    },
    lastRedirect() {
      const redirect = responses.findLast(({ location }) => location !== undefined)
      if (redirect?.location === undefined || !URL.canParse(redirect.location, redirect.url)) return undefined
      return { from: redirect.url, to: withoutQuery(new URL(redirect.location, redirect.url).href) }
    },
    clockOffset() {
      const offsets = responses.flatMap(({ clockOffset }) => clockOffset ?? [])
      return offsets.sort((a, b) => Math.abs(a) - Math.abs(b))[0]
    },
  }
}

/** Some providers require an API key in the query. A URL of others may have a line break there. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')

/** `Date` is truncated to seconds (RFC 9110 §6.6.1), and `Age` seconds old if it comes from a cache (RFC 9111 §5.1). */
function offsetOf(headers: Headers, now: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return undefined
  const age = /^\d{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? '0'
  return (date - now) / 1000 + 0.5 + Number(age)
}
