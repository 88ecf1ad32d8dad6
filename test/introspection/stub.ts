/** An endpoint without a socket, for a `fetch` option: what is asked by the million must not take minutes. */
export interface Stub {
  readonly fetch: typeof fetch
  /** Questions about one token. */
  calls(token: string): number
  /** Questions altogether. */
  total(): number
}

export interface Asked {
  readonly url: string
  readonly authorization: string
}

/**
 * Answers each token as it is told; a promise makes the answer late, and what is thrown is a connection that broke.
 *
 * @param counted false where counting would take more room than what is measured
 */
export function createStub(answer: (token: string, asked: Asked) => unknown, counted = true): Stub {
  const counts = new Map<string, number>()
  let total = 0
  return {
    fetch: async (input, init) => {
      const token = new URLSearchParams(String(init?.body)).get('token') ?? ''
      total++
      if (counted) counts.set(token, (counts.get(token) ?? 0) + 1)
      const authorization = new Headers(init?.headers).get('authorization') ?? ''
      const body = JSON.stringify(await answer(token, { url: String(input), authorization }))
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    },
    calls: (token) => counts.get(token) ?? 0,
    total: () => total,
  }
}
