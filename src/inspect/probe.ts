import { type Fetch, fetchFrom, jsonAt, parseJson } from '../upstream/fetch.ts'
import { createClosing } from '../upstream/shutdown.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'

/** A document of an authorization server, or what is wrong with it. */
export type Probed =
  | { readonly json: unknown; readonly bytes: number; readonly fault: undefined }
  | { readonly fault: UpstreamError }

// The defaults of the options.
const DEADLINE = 3000
const MAX_BYTES = 512 * 1024

/** Fetches a JSON document like a resource server: with a deadline and a size limit, and without redirects. */
export async function probe(url: string, fetch: Fetch, maxBytes = MAX_BYTES): Promise<Probed> {
  const exchange = {
    ...jsonAt(url),
    read: (text: string) => ({
      json: parseJson(text),
      bytes: new TextEncoder().encode(text).length,
      fault: undefined,
    }),
  }
  try {
    return await fetchFrom(exchange, { fetch, deadline: DEADLINE, maxBytes, closing: createClosing() })
  } catch (thrown) {
    if (thrown instanceof UpstreamError) return { fault: thrown }
    throw thrown
  }
}
