import { randomUUID } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'

/** A client that is registered at the authorization server. */
export interface Registration {
  readonly id: string
  /** As it is called on the page, and where a person is asked to agree. */
  readonly name: string
  /** Absent: a public client, whose code anybody can read, so that it can keep no secret (RFC 6749 §2.1). */
  readonly secret?: string
  readonly more: Partial<ClientMetadata>
}

// Secrets that last as long as the process.
const confidential = (id: string, name: string, more: Partial<ClientMetadata>): Registration => ({
  id,
  name,
  secret: randomUUID(),
  more: { redirect_uris: [], response_types: [], ...more },
})

const forPeople = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code' as const] }
const forMachines = { grant_types: ['client_credentials'] }

/** A web server with a client secret. */
export const WEB_SHOP = confidential('web-shop', 'Web shop', forPeople)
/** An app on a phone or in a browser. */
export const POCKET_APP: Registration = {
  id: 'pocket-app',
  name: 'Pocket app',
  more: { ...forPeople, token_endpoint_auth_method: 'none', application_type: 'web' },
}
/** A machine that acts on its own behalf. It may read, and nothing else. */
export const STOCK_ROBOT = confidential('stock-robot', 'Stock robot', { ...forMachines, scope: 'read:orders' })
/** Another; its access tokens are opaque. */
export const TILL = confidential('till', 'Till', { ...forMachines, scope: 'read:orders write:orders' })
/** Another; its access tokens are bound to its key. */
export const COURIER = confidential('courier', 'Courier', {
  ...forMachines,
  scope: 'read:orders write:orders',
  dpop_bound_access_tokens: true,
})
/** Another; its access tokens are bound to its certificate, which is also how it says who it is. */
export const DEPOT: Registration = {
  id: 'depot',
  name: 'Depot',
  more: {
    ...forMachines,
    response_types: [],
    redirect_uris: [],
    scope: 'read:orders write:orders',
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    tls_client_certificate_bound_access_tokens: true,
  },
}
/** Something with a screen and no keyboard. */
export const SHOP_WINDOW: Registration = {
  id: 'shop-window',
  name: 'Shop window',
  more: {
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'none',
  },
}
/** Our API, where it asks about opaque tokens. */
export const ORDERS_API = confidential('orders-api', 'Orders API', { grant_types: [] })

export const REGISTRATIONS: readonly Registration[] = [
  WEB_SHOP,
  POCKET_APP,
  STOCK_ROBOT,
  TILL,
  COURIER,
  DEPOT,
  SHOP_WINDOW,
  ORDERS_API,
]

/** Those that send people to sign in, and get them back. */
export const WITH_REDIRECT: readonly Registration[] = [WEB_SHOP, POCKET_APP]
