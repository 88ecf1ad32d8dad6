import type { RequestListener } from 'node:http'
import type { IssuerOptions, ResourceServer, ResourceServerOptions } from 'bearward'

/** The orders API as tokens know it. One identifier for all three copies, as behind one load balancer. */
export const RESOURCE = 'https://orders.example'

export const SCOPES = ['read:orders', 'write:orders'] as const

/** Seconds, and few of them, so that an outage can be shown in less than a minute. The defaults suit production. */
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
      // Everything runs on one clock here; with the default of 30 s one would have to wait for a token to expire.
      clockTolerance: 0,
      jwksCache: JWKS_CACHE,
    },
  } satisfies Protection
}

/** What each copy of the API is made with. */
export type Protection = ResourceServerOptions<(typeof SCOPES)[number]> & { readonly issuer: IssuerOptions }

/** Whether the authorization server can be asked about a token, so that one route may insist on it. */
export const canAsk = ({ issuer }: Protection): boolean => issuer.introspection !== undefined

/** One running copy of the API. */
export interface OrdersApi {
  readonly framework: 'Express' | 'Fastify' | 'Hono'
  readonly url: string
  /** What answers, so that another socket can lead to it as well. */
  readonly listener: RequestListener
  readonly server: Pick<ResourceServer, 'ready' | 'state'>
  close(): Promise<void>
}

export const ORDERS = [{ id: 1, item: 'tea' }]
