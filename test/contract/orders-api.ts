import { allOf, anyOf, claim, scope } from 'bearward'
import type { Bound, Route } from '../support/apps/app.ts'

const guarded = (path: string, use: Route['use']): Route => ({ path, use })

/** A thenable that is not a promise, as query builders return. */
const thenable = (value: boolean): Promise<boolean> =>
  ({
    // biome-ignore lint/suspicious/noThenProperty: the test needs a thenable
    then: (resolve: (value: boolean) => void) => setImmediate(() => resolve(value)),
  }) as unknown as Promise<boolean>

/** Values that applications throw. Express interprets some: `next('route')` skips, `next()` continues. */
const THROWN: Readonly<Record<string, unknown>> = {
  error: new Error('own failure'),
  'http-error': Object.assign(new Error('own failure'), { status: 401, statusCode: 401, expose: true }),
  undefined: undefined,
  null: null,
  zero: 0,
  false: false,
  empty: '',
  route: 'route',
  router: 'router',
  object: { status: 401, statusCode: 401 },
  // As the error of an HTTP client: the headers are those of another server's response.
  headers: Object.assign(new Error('own failure'), { headers: { 'WWW-Authenticate': 'Bearer' } }),
}

const throwing = Object.entries(THROWN).flatMap(([name, thrown]): Route[] => [
  guarded(`/throws/${name}`, (to) => [
    to.protect(() => {
      throw thrown
    }),
  ]),
  guarded(`/rejects/${name}`, (to) => [to.protect(() => Promise.reject(thrown))]),
])

export const THROWING_PATHS: readonly string[] = throwing.map(({ path }) => path)

/** An orders API with every kind of guard, for each framework. */
export const ORDERS: readonly Route[] = [
  { path: '/orders', methods: ['GET', 'POST', 'PUT', 'DELETE'], use: (to) => [to.requireScope('read:orders')] },
  guarded('/signed-in', (to) => [to.protect()]),
  guarded('/both', (to) => [to.requireScope('read:orders', 'write:orders')]),
  guarded('/either', (to) => [to.requireAnyScope('write:orders', 'admin')]),
  guarded('/gold', (to) => [to.protect(claim('tier', 'gold'))]),
  guarded('/level', (to) => [to.protect(claim('level', (value) => typeof value === 'number' && value >= 3))]),
  guarded('/any-of', (to) => [to.protect(anyOf(scope('admin'), claim('tier', 'gold')))]),
  guarded('/all-of', (to) => [to.protect(allOf(scope('write:orders'), claim('tier', 'gold')))]),
  guarded('/own', (to) => [to.protect((token) => token.subject === 'user-1')]),
  guarded('/own-async', (to) => [to.protect(async (token) => token.subject === 'user-1')]),
  guarded('/own-truthy', (to) => [to.protect(() => 1 as unknown as boolean)]),
  guarded('/own-async-truthy', (to) => [to.protect(async () => 'yes' as unknown as boolean)]),
  guarded('/own-nothing', (to) => [to.protect(() => undefined as unknown as boolean)]),
  guarded('/thenable-yes', (to) => [to.protect(() => thenable(true))]),
  guarded('/thenable-no', (to) => [to.protect(() => thenable(false))]),
  guarded('/open', (to) => [to.optionalAuth()]),
  guarded('/open-orders', (to) => [to.optionalAuth(scope('read:orders'))]),
  guarded('/twice', twice),
  guarded('/stacked', (to) => [to.protect(), to.requireScope('read:orders'), to.requireScope('write:orders')]),
  guarded('/open-then-closed', (to) => [to.optionalAuth(), to.requireScope('read:orders')]),
  {
    path: '/team/orders',
    router: { prefix: '/team', use: (to) => [to.requireScope('team')] },
    use: (to) => [to.requireScope('read:orders')],
  },
  ...throwing,
]

/** The same middleware, mounted twice. */
function twice<Middleware>(to: Bound<Middleware>): readonly Middleware[] {
  const same = to.requireScope('read:orders')
  return [same, same]
}
