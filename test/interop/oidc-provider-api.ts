import {
  type IntrospectionOptions,
  type IssuerOptions,
  introspected,
  type Reason,
  type ResourceServerOptions,
  scope,
} from 'bearward'
import { expect } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { startAll } from '../support/apps/apps.ts'
import { expectReached, expectRefusal, responseOfAll, SENTENCES } from '../support/apps/expect-response.ts'
import { bearer } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import type { OidcProvider } from '../support/oidc-provider/oidc-provider.ts'
import type { TlsServing } from '../support/tls/tls.ts'
import type { createLog } from '../support/upstream/requests.ts'
import { SECRET } from './oidc-provider-clients.ts'

const ROUTES: readonly Route[] = [
  { path: '/orders', use: (to) => [to.requireScope('read:orders')] },
  { path: '/orders/new', use: (to) => [to.requireScope('read:orders', 'write:orders')] },
  { path: '/orders/pay', use: (to) => [to.protect(scope('read:orders'), introspected({ maxAge: 0 }))] },
]

/** Our API's client registration at the authorization server. */
export const API = { method: 'client_secret_basic', clientId: 'orders-api', clientSecret: SECRET } as const

export interface ApiOptions {
  readonly introspection?: Partial<IntrospectionOptions>
  readonly issuer?: Partial<IssuerOptions>
  readonly clock?: () => number
  readonly fetch?: typeof fetch
  readonly log?: ReturnType<typeof createLog>
  /** Server options that differ from the default. */
  readonly server?: Pick<ResourceServerOptions, 'dpop' | 'mtls'>
  readonly tls?: TlsServing
}

/** Our API on every adapter, with introspection at this provider. */
export function startApis(
  { issuer: url }: OidcProvider,
  { introspection, issuer, clock, fetch, log, server, tls }: ApiOptions = {},
): Promise<readonly App[]> {
  return startAll(
    {
      resource: RESOURCE,
      issuer: { issuer: url, introspection: { client: API, ...introspection }, ...issuer },
      ...(clock && { clock }),
      ...(fetch && { fetch }),
      ...(log && { onEvent: log.onEvent }),
      ...server,
    },
    ROUTES,
    tls,
  )
}

type Target = '/orders' | '/orders/new' | '/orders/pay'

export const expectAccepted = (apps: readonly App[], token: string, target: Target = '/orders') =>
  expectReached(apps, { target, lines: bearer(token) })

export const expectInvalid = (apps: readonly App[], token: string, reason: Reason, target: Target = '/orders') =>
  expectRefusal(apps, { target, lines: bearer(token) }, { error: 'invalid_token', reason, scope: 'read:orders' })

/** Fails unless every API blames itself and not the caller: 503 and no challenge (RFC 9110 §15.6.4). */
export async function expectUnavailable(apps: readonly App[], token: string, target: Target = '/orders') {
  const reached = apps.map((app) => app.reached.length)
  const { status, all, header, body } = await responseOfAll(apps, { target, lines: bearer(token) })
  expect(status).toBe(503)
  expect(all('WWW-Authenticate')).toEqual([])
  expect(header('Retry-After')).toMatch(/^[1-9]\d*$/)
  expect(JSON.parse(body)).toEqual({
    error_description: SENTENCES.introspection_unavailable,
    reason: 'introspection_unavailable',
  })
  expect(apps.map((app) => app.reached.length)).toEqual(reached)
}
