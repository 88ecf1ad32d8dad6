/** An endpoint without a socket, for the `fetch` option: a million requests must not take minutes. */
export interface Stub {
  readonly fetch: typeof fetch
  /** Introspection requests for one token. */
  calls(token: string): number
  /** All introspection requests. */
  total(): number
}

export interface StubRequest {
  readonly url: string
  readonly authorization: string
}

/**
 * Responds to each token as the function says; a promise delays the response, and an error is a broken connection.
 *
 * @param counted false where counting would use more memory than what is measured
 */
export function createStub(respond: (token: string, received: StubRequest) => unknown, counted = true): Stub {
  const counts = new Map<string, number>()
  let total = 0
  return {
    fetch: async (input, init) => {
      const token = new URLSearchParams(String(init?.body)).get('token') ?? ''
      total++
      if (counted) counts.set(token, (counts.get(token) ?? 0) + 1)
      const authorization = new Headers(init?.headers).get('authorization') ?? ''
      const body = JSON.stringify(await respond(token, { url: String(input), authorization }))
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    },
    calls: (token) => counts.get(token) ?? 0,
    total: () => total,
  }
}
