import type { RequestListener } from 'node:http'
import type { IssuerOptions, ResourceServer, ResourceServerOptions } from 'bearward'

/** The audience of the orders API: one identifier for all three copies, as behind a load balancer. */
export const RESOURCE = 'https://orders.example'

export const SCOPES = ['read:orders', 'write:orders'] as const

/** Few seconds, so that the demo can show an outage in less than a minute. The defaults suit production. */
export const JWKS_CACHE = { maxAge: 2, staleIfError: 4, cooldown: 1, backoff: 1, maxBackoff: 1 } as const

/** The same options on each framework. */
export function protection(issuer: string) {
  return {
    resource: RESOURCE,
    realm: 'orders',
    scopes: SCOPES,
    issuer: {
      issuer,
      profile: 'rfc9068',
      // Everything shares one clock; the default of 30 s would only delay the expiry of a token.
      clockTolerance: 0,
      jwksCache: JWKS_CACHE,
    },
  } satisfies Protection
}

/** The options of each copy of the API. */
export type Protection = ResourceServerOptions<(typeof SCOPES)[number]> & { readonly issuer: IssuerOptions }

/** True if tokens can be introspected, so that a route may require it. */
export const hasIntrospection = ({ issuer }: Protection): boolean => issuer.introspection !== undefined

/** One running copy of the API. */
export interface OrdersApi {
  readonly framework: 'Express' | 'Fastify' | 'Hono'
  readonly url: string
  /** The request listener, for other sockets. */
  readonly listener: RequestListener
  readonly server: Pick<ResourceServer, 'ready' | 'state'>
  close(): Promise<void>
}

export const ORDERS = [{ id: 1, item: 'tea' }]
