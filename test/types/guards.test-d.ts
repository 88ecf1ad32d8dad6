// Compiled, never run: see scopes.test-d.ts.
import {
  type AuthorizationDetail,
  allOf,
  anyOf,
  authentication,
  authorizationDetails,
  claim,
  createResourceServer,
  type ReportEvent,
  reportOnly,
  scope,
} from 'bearward'
import { resourceServer as onExpress } from 'bearward/express'
import { resourceServer as onHono } from 'bearward/hono'

const base = { resource: 'https://api.example.com', issuer: 'https://auth.example.com' }

// A scope graph declares its scopes.
const graph = onExpress({ ...base, scopes: { admin: ['write'], write: ['read'], read: [] } })
graph.requireScope('admin', 'read')
graph.requireAnyScope('write', 'read')
graph.protect(reportOnly(scope('read')), anyOf(scope('admin'), claim('a', 1)))
// @ts-expect-error a misspelt scope
graph.requireScope('raed')
// @ts-expect-error the same, report-only
graph.protect(reportOnly(scope('raed')))
// @ts-expect-error the same, report-only in a combination
graph.protect(reportOnly(allOf(scope('raed'), claim('a', 1))))
// @ts-expect-error an implied scope that is misspelt
createResourceServer({ ...base, scopes: { admin: ['raed'], read: [] } })
// @ts-expect-error an implied scope without an array
createResourceServer({ ...base, scopes: { admin: 'read', read: [] } })
// @ts-expect-error implied scopes that are missing
createResourceServer({ ...base, scopes: { admin: undefined } })
onHono({ ...base, scopes: { admin: ['read'], read: [] } }).protect((token) => token.hasScope('read'))
// @ts-expect-error the token has the same type
onHono({ ...base, scopes: { admin: ['read'], read: [] } }).protect((token) => token.hasScope('raed'))

authentication({ acr: 'phr' })
authentication({ acr: ['phr', 'mfa'], maxAge: 300 })
// @ts-expect-error an empty list
authentication({ acr: [] })
// @ts-expect-error not seconds
authentication({ maxAge: '300' })
// @ts-expect-error an unknown option
authentication({ max_age: 300 })

interface Payment extends AuthorizationDetail {
  readonly type: 'payment'
  readonly amount: number
}
graph.protect(authorizationDetails('payment'))
graph.protect(authorizationDetails('payment', ({ amount }) => typeof amount === 'number' && amount < 10))
graph.protect(authorizationDetails<Payment>('payment', async ({ amount }) => amount < 10))
graph.protect(authorizationDetails('payment', (detail, req) => detail.account === req.params.account))
// @ts-expect-error unknown until it is checked
graph.protect(authorizationDetails('payment', ({ amount }) => amount < 10))
// @ts-expect-error another type than that of the detail
authorizationDetails<Payment>('account', () => true)
// @ts-expect-error not a decision
authorizationDetails('payment', () => 'yes')

graph.protect(reportOnly((token, req) => token.subject === req.params.owner))
graph.protect(reportOnly(authentication({ maxAge: 60 })))
// @ts-expect-error not a guard
graph.protect(reportOnly('read'))

export const rollout = createResourceServer({
  ...base,
  issuer: { issuer: base.issuer, profile: 'report-only' },
  dpop: { mode: 'report-only' },
  mtls: { mode: 'report-only' },
  onEvent: (event) => {
    if (event.type !== 'report') return
    const report: ReportEvent = event
    const reason: string | undefined = report.reason
    // @ts-expect-error it has no token
    report.token
    console.warn(reason)
  },
})
