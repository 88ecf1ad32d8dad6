import {
  type AuthorizationDetail,
  allOf,
  anyOf,
  anyScope,
  authentication,
  authorizationDetails,
  type BearwardEvent,
  type ReportEvent,
  type ResourceServerOptions,
  reportOnly,
  scope,
} from 'bearward'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import type { App, Route } from '../support/apps/app.ts'
import { ADAPTERS } from '../support/apps/apps.ts'
import {
  activeResponse,
  CLIENT,
  createIntrospectionEndpoint,
  type IntrospectionEndpoint,
  opaqueToken,
} from '../support/issuer/introspection-endpoint.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

export const kit = createKit()

interface Payment extends AuthorizationDetail {
  readonly amount?: unknown
}

const upTo = (limit: number) =>
  authorizationDetails<Payment>('payment', ({ amount }) => typeof amount === 'number' && amount <= limit)

const five = authentication({ maxAge: 300 })
const gold = authentication({ acr: ['gold', 'silver'] })

/** Guards that check more than scopes, as they would be mounted in each framework. */
const ROUTES: readonly Route[] = [
  { path: '/recent', use: (to) => [to.protect(scope('orders:read'), five)] },
  { path: '/strong', use: (to) => [to.protect(allOf(gold, five))] },
  { path: '/either', use: (to) => [to.protect(anyOf(gold, scope('orders:admin')))] },
  { path: '/step-stacked', use: (to) => [to.requireScope('orders:read'), to.protect(gold), to.protect(five)] },
  { path: '/step-open', use: (to) => [to.optionalAuth(five)] },
  {
    path: '/bank/strong',
    router: { prefix: '/bank', use: (to) => [to.protect(authentication({ acr: ['gold', 'bronze'], maxAge: 900 }))] },
    use: (to) => [to.protect(gold)],
  },
  { path: '/read', use: (to) => [to.requireScope('orders:read')] },
  { path: '/write', use: (to) => [to.requireScope('orders:write', 'orders:read')] },
  { path: '/admin-or-read', use: (to) => [to.requireAnyScope('orders:admin', 'orders:read')] },
  {
    path: '/graph-stacked',
    use: (to) => [to.protect(anyScope('orders:admin', 'orders:read')), to.requireScope('users:read')],
  },
  { path: '/payment', use: (to) => [to.protect(upTo(100))] },
  {
    path: '/payment-later',
    use: (to) => [to.protect(authorizationDetails('payment', async ({ amount }) => amount === 5))],
  },
  {
    path: '/payment-throws',
    use: (to) => [to.protect(authorizationDetails('payment', () => Promise.reject(new Error('own'))))],
  },
  { path: '/payment-any', use: (to) => [to.requireScope('orders:read'), to.protect(authorizationDetails('payment'))] },
  { path: '/report-scope', use: (to) => [to.protect(reportOnly(scope('orders:admin')))] },
  { path: '/report-step-up', use: (to) => [to.protect(scope('orders:read'), reportOnly(five))] },
  { path: '/report-throws', use: (to) => [to.protect(reportOnly(() => Promise.reject(new Error('own'))))] },
  { path: '/report-never', use: (to) => [to.protect(reportOnly(() => new Promise(() => undefined)))] },
  {
    path: '/report-stacked',
    use: (to) => [to.protect(reportOnly(gold)), to.protect(reportOnly(gold)), to.requireScope('orders:read')],
  },
  { path: '/report-open', use: (to) => [to.optionalAuth(reportOnly(gold))] },
]

export const SCOPES = {
  'orders:admin': ['orders:write'],
  'orders:write': ['orders:read'],
  'orders:read': [],
  'users:read': [],
} as const

export interface GuardedApi {
  readonly apps: readonly App[]
  /** One list per adapter. */
  readonly reports: readonly ReportEvent[][]
  /** A token of either kind with these claims. */
  token(format: 'jwt' | 'opaque', claims?: Readonly<Record<string, unknown>>): string
  close(): Promise<void>
}

/** The API on every adapter, with one issuer that issues both kinds of tokens. */
export async function startGuardedApi(more: Partial<ResourceServerOptions> = {}): Promise<GuardedApi> {
  const endpoint: IntrospectionEndpoint = await createIntrospectionEndpoint()
  const reports: ReportEvent[][] = ADAPTERS.map(() => [])
  const options = (index: number): ResourceServerOptions => ({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      keys: keySetOf(kit.signers.ES256),
      introspection: { endpoint: endpoint.url, client: CLIENT, deadline: 5 },
    },
    scopes: SCOPES,
    clock: () => NOW,
    onEvent: (event: BearwardEvent) => void (event.type === 'report' && reports[index]?.push(event)),
    ...more,
  })
  const apps = await Promise.all(ADAPTERS.map((start, index) => start({ options: options(index), routes: ROUTES })))
  return {
    apps,
    reports,
    token(format, claims = {}) {
      const allClaims = kit.claims({ scope: 'orders:read', ...claims })
      if (format === 'jwt') return kit.token({ claims: allClaims })
      const token = opaqueToken()
      endpoint.responses.set(token, activeResponse(allClaims))
      return token
    },
    async close() {
      await Promise.all([...apps.map((app) => app.close()), endpoint.stop()])
    },
  }
}
