// A Worker whose settings are in `env`: ISSUER and RESOURCE, as in the `vars` of wrangler.toml.

import { type FetchResourceServer, resourceServer } from 'bearward/fetch'

interface Env {
  readonly ISSUER: string
  readonly RESOURCE: string
}

let bound: FetchResourceServer | undefined

/** One resource server for all requests of this isolate, so that its keys are fetched once. `env` is the same for all of them. */
function boundFor({ ISSUER: issuer, RESOURCE: resource }: Env): FetchResourceServer {
  bound ??= resourceServer({ resource, issuer, scopes: ['read:orders'] })
  return bound
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { requireScope, metadata } = boundFor(env)
    const document = await metadata()(request)
    if (document) return document
    if (request.method !== 'GET' || new URL(request.url).pathname !== '/orders')
      return new Response(null, { status: 404 })
    const token = await requireScope('read:orders').check(request)
    return token instanceof Response ? token : Response.json({ orders: [], for: token.subject })
  },
}
