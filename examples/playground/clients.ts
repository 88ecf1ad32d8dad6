import { randomUUID } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'

/** A registered client. */
export interface Registration {
  readonly id: string
  /** Its name on the page and in the consent dialog. */
  readonly name: string
  /** Absent for a public client, which cannot keep a secret (RFC 6749 §2.1). */
  readonly secret?: string
  readonly more: Partial<ClientMetadata>
}

// The secrets live as long as the process.
const confidential = (id: string, name: string, more: Partial<ClientMetadata>): Registration => ({
  id,
  name,
  secret: randomUUID(),
  more: { redirect_uris: [], response_types: [], ...more },
})

const forPeople = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code' as const] }
const forMachines = { grant_types: ['client_credentials'] }

/** A web server with a client secret. The flows with PKCE register their own clients. */
export const WEB_SHOP = confidential('web-shop', 'Web shop', forPeople)
/** A web server whose access tokens live only for seconds. */
export const NOTEBOOK = confidential('notebook', 'Notebook', forPeople)
/** A web server that keeps streams of the API open. It is told when its users sign out. */
export const ORDER_BOARD = confidential('order-board', 'Order board', forPeople)
/** The lifetime of the notebook's access tokens in seconds. */
export const SHORT = 6
/** A machine that acts on its own behalf. May only read. */
export const STOCK_ROBOT = confidential('stock-robot', 'Stock robot', { ...forMachines, scope: 'read:orders' })
/** Another machine, with opaque access tokens. */
export const TILL = confidential('till', 'Till', { ...forMachines, scope: 'read:orders write:orders' })
/** Another machine, with DPoP-bound access tokens. */
export const COURIER = confidential('courier', 'Courier', {
  ...forMachines,
  scope: 'read:orders write:orders',
  dpop_bound_access_tokens: true,
})
/** Another machine, with certificate-bound access tokens. It also authenticates with the certificate. */
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
/** A device with a screen and no keyboard. */
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
/** The API itself, which introspects opaque tokens. */
export const ORDERS_API = confidential('orders-api', 'Orders API', { grant_types: [] })

export const REGISTRATIONS: readonly Registration[] = [
  WEB_SHOP,
  NOTEBOOK,
  ORDER_BOARD,
  STOCK_ROBOT,
  TILL,
  COURIER,
  DEPOT,
  SHOP_WINDOW,
  ORDERS_API,
]

/** The clients that redirect users to the authorization server. */
export const WITH_REDIRECT: readonly Registration[] = [WEB_SHOP, NOTEBOOK, ORDER_BOARD]
