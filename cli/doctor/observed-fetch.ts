type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** The head of an answer that came in, as far as it tells something about the other side. */
interface Observed {
  readonly url: string
  /** Where a redirect leads. */
  readonly location: string | undefined
  /** Seconds by which the other clock is ahead of ours. */
  readonly clockOffset: number | undefined
}

/** A fetch that keeps an eye on what passes through it. */
export interface ObservedFetch {
  readonly fetch: Fetch
  /** Where the last redirect led, and from where. */
  lastRedirect(): { readonly from: string; readonly to: string } | undefined
  /** The least offset that any answer showed; a cache on the way makes the other clock look slow, never fast. */
  clockOffset(): number | undefined
}

/** @param tell called with what is asked, before it is */
export function observedFetch(tell: (what: string) => void): ObservedFetch {
  const seen: Observed[] = []
  return {
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input)
      tell(`${init?.method ?? 'GET'} ${withoutQuery(url)}`)
      const began = Date.now()
      const response = await fetch(input, init)
      seen.push({
        url: withoutQuery(url),
        location: response.headers.get('location') ?? undefined,
        clockOffset: offsetOf(response.headers, (began + Date.now()) / 2),
      })
      return response
    },
    lastRedirect() {
      const redirect = seen.findLast(({ location }) => location !== undefined)
      if (redirect?.location === undefined) return undefined
      return { from: redirect.url, to: withoutQuery(new URL(redirect.location, redirect.url).href) }
    },
    clockOffset() {
      const offsets = seen.flatMap(({ clockOffset }) => clockOffset ?? [])
      return offsets.sort((a, b) => Math.abs(a) - Math.abs(b))[0]
    },
  }
}

/** Some providers want a key in the query. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')

/** `Date` is cut to whole seconds (RFC 9110 §6.6.1), and is older by `Age` where a cache has answered (RFC 9111 §5.1). */
function offsetOf(headers: Headers, now: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return undefined
  const age = /^\d{1,9}$/.exec(headers.get('age') ?? '')?.[0] ?? '0'
  return (date - now) / 1000 + 0.5 + Number(age)
}
