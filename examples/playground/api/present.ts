import type { ClientCertificate } from 'bearward/testing'
import { FORGED_SCOPE, unsigned, withMoreScope } from '../../demo/jwt-parts.ts'
import { transmit, type WireResponse } from '../client/wire.ts'
import type { HeldToken } from '../flow.ts'
import { type ApiCopy, PUBLIC_HOST } from './copies.ts'

// Sends a token to the API. The request goes to the address of one copy, with the API's public host name: as through a
// TLS proxy, or with TLS directly.

export interface ApiRoute {
  readonly id: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The scope it requires, if any. */
  readonly scope?: string
  /** The same in words. */
  readonly needs: string
}

export const ROUTES: readonly ApiRoute[] = [
  { id: 'read', method: 'GET', path: '/orders', scope: 'read:orders', needs: 'read:orders' },
  { id: 'write', method: 'POST', path: '/orders', scope: 'write:orders', needs: 'write:orders' },
  { id: 'me', method: 'GET', path: '/me', needs: 'no token' },
]

/** For opaque tokens: introspects for each request. */
export const PAYMENTS: ApiRoute = {
  id: 'pay',
  method: 'POST',
  path: '/payments',
  scope: 'write:orders',
  needs: 'write:orders, introspected',
}

export const PLACES = {
  header: 'Authorization header',
  query: 'query string',
  form: 'form body',
} as const

export type Place = keyof typeof PLACES

/** A way to send a token: every change makes it a token that no one issued, so the API refuses it. */
interface Variant {
  readonly label: string
  /** The token format to which the variant applies. */
  readonly of: 'any' | 'jwt'
  change(token: string): string
}

const other = (character: string | undefined): string => (character === 'A' ? 'B' : 'A')

export const VARIANTS = {
  whole: { label: 'as it is', of: 'any', change: (token) => token },
  typo: {
    label: 'one character changed',
    of: 'any',
    change: (token) => token.slice(0, -10) + other(token.at(-10)) + token.slice(-9),
  },
  scope: { label: `${FORGED_SCOPE} added`, of: 'jwt', change: withMoreScope },
  unsigned: { label: 'alg: none, unsigned', of: 'jwt', change: unsigned },
} as const satisfies Record<string, Variant>

export interface Presentation {
  readonly api: ApiCopy
  readonly route: ApiRoute
  readonly place: Place
  /** Absent: a request without a token. */
  readonly token?: Pick<HeldToken, 'value' | 'scheme'> & { readonly kind?: HeldToken['kind'] }
  /** How the token was changed. */
  readonly variant?: keyof typeof VARIANTS
  /** The proof that goes with a bound token (RFC 9449 §7.1). */
  readonly proof?: string
  /** TLS, with or without a client certificate. Absent: plain HTTP. */
  readonly tls?: { readonly certificate?: ClientCertificate }
}

export function present({ api, route, place, token, proof, tls }: Presentation): Promise<WireResponse> {
  const url = new URL(route.path, tls ? api.secureUrl : api.url)
  const headers: [string, string][] = [['Accept', 'application/json']]
  let body = route.method === 'POST' ? '' : undefined
  if (token !== undefined && place === 'header') headers.push(['Authorization', `${token.scheme} ${token.value}`])
  if (token !== undefined && place === 'query') url.searchParams.set('access_token', token.value)
  if (token !== undefined && place === 'form') {
    headers.push(['Content-Type', 'application/x-www-form-urlencoded'])
    body = new URLSearchParams({ access_token: token.value }).toString()
  }
  if (proof !== undefined) headers.push(['DPoP', proof])
  return transmit({
    method: route.method,
    url,
    headers,
    body,
    host: PUBLIC_HOST,
    ...(tls && { tls: { ...tls, trusted: api.certificate, name: PUBLIC_HOST } }),
  })
}
