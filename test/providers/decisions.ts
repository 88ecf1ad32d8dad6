import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resourceServer } from 'bearward/node'
import type { Internet } from '../docs/internet.ts'
import { API, type ProviderCase } from './catalog.ts'

/** How an API with the options of a provider responds to one of its tokens. */
export interface TokenDecision {
  readonly token: string
  readonly status: number
  /** Of a refusal. */
  readonly reason: string | undefined
  /** The claim that caused it, from the event. */
  readonly claim: string | undefined
}

/** Serves an API on loopback, and sends it the good token and then the wrong ones. */
export async function decisionsOf(provider: ProviderCase, internet: Internet): Promise<readonly TokenDecision[]> {
  const makers = await provider.tokens(internet)
  let claim: string | undefined
  const { protect, server } = resourceServer({
    resource: API,
    issuer: provider.options(),
    fetch: internet.fetch,
    onEvent(event) {
      if (event.type === 'decision') claim = event.claim
    },
  })
  const guard = protect()
  const api = createServer(async (request, response) => {
    if (await guard(request, response)) response.end('{}')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/orders`
    const decisions: TokenDecision[] = []
    // One after the other: an event does not name its request.
    for (const name of [provider.good, ...provider.wrong]) {
      const response = await send(url, name, makers[name])
      decisions.push({ ...response, claim })
    }
    return decisions
  } finally {
    server.close()
    api.close()
    api.closeAllConnections()
  }
}

async function send(
  url: string,
  token: string,
  make: (() => string | Promise<string>) | undefined,
): Promise<Omit<TokenDecision, 'claim'>> {
  if (!make) throw new Error(`no such token: ${token}`)
  const response = await fetch(url, { headers: { authorization: `Bearer ${await make()}`, connection: 'close' } })
  const { reason } = (await response.json()) as { readonly reason?: string }
  return { token, status: response.status, reason }
}
