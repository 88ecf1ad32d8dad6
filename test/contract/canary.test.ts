import {
  BearwardError,
  type GuardLike,
  InsufficientScope,
  type ResourceServerOptions,
  reportOnly,
  scope,
} from 'bearward'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { ADAPTERS, closeAll } from '../support/apps/apps.ts'
import { CANARY } from '../support/canary/canary.ts'
import { type CanaryIssuer, createCanaryIssuer, MODES } from '../support/canary/issuer.ts'
import { hostileRequests } from '../support/canary/requests.ts'
import { bearer, exchange, type RawRequest } from '../support/http/raw-client.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { useOutput } from './canary-output.ts'
import { ORDERS } from './orders-api.ts'

// A3, N5: nothing that a caller or an upstream sends is in a response, an event, a log, a metric, a trace or an error.

const output = useOutput()
let issuer: CanaryIssuer
beforeAll(async () => {
  issuer = await createCanaryIssuer()
})
afterAll(() => issuer.stop())

let apps: readonly App[] = []
afterEach(async () => {
  issuer.mode = 'good'
  await closeAll(apps)
})

/** What the error path of each framework got. */
let forwarded: unknown[][]

/** The API on every adapter; all that leaves it is recorded. */
async function start(over: Partial<ResourceServerOptions> = {}, routes: readonly Route[] = ORDERS): Promise<void> {
  forwarded = ADAPTERS.map(() => [])
  const options: ResourceServerOptions = {
    resource: RESOURCE,
    issuer: issuer.introspecting,
    onEvent: (event) => void output.left.add(event),
    ...over,
  }
  const startOne = (one: (typeof ADAPTERS)[number], index: number) => {
    const onError = (error: unknown) => {
      forwarded[index]?.push(error)
      output.left.add(error)
    }
    return one({ options, routes, onError })
  }
  apps = await Promise.all(ADAPTERS.map(startOne))
  output.observe(apps)
}

const send = (request: RawRequest) => Promise.all(apps.map((app) => exchange(app.port, request)))
const everywhere = <T>(value: T): T[] => ADAPTERS.map(() => value)

describe('the content of a refused request', () => {
  const CASES: readonly Partial<ResourceServerOptions>[] = [
    { formTokens: 'accept' },
    {
      formTokens: 'accept',
      body: 'problem',
      queryTokens: 'ignore',
      credentials: { header: 'x-token', cookie: { name: 'session' }, webSocketProtocol: true },
    },
    { formTokens: 'accept', detail: 'minimal', errors: 'forward' },
  ]

  it.each(CASES)('is nowhere: %o', async (over) => {
    await start(over)
    const requests = Object.entries(hostileRequests(issuer))
    for (const [name, request] of requests) {
      const responses = await send(request)
      const classes = responses.map(({ status }) => Math.floor(status / 100))
      expect(classes, name).toEqual(everywhere(4))
      expect(JSON.stringify(responses), name).not.toContain(CANARY)
    }
    if (over.errors === 'forward') {
      const errors = forwarded.map((list) => list.flatMap(refusalIn))
      expect(errors.map((list) => list.length)).toEqual(everywhere(requests.length))
      for (const error of errors.flat()) output.left.add(error)
    }
    await output.expectClean()
    // All of it was there to be searched.
    expect(output.left.size).toBeGreaterThan(100)
    expect(await output.decisions()).toEqual([1, 1].map(() => requests.length * apps.length))
    expect(output.refusals()).toEqual(everywhere(requests.length))
  })

  it('is in no event, metric or trace about a good token either', async () => {
    await start()
    for (const token of [issuer.token(), issuer.opaque()]) {
      const responses = await send({ lines: bearer(token) })
      expect(responses.map(({ status }) => status)).toEqual(everywhere(200))
    }
    expect([...output.left]).toContainEqual(expect.objectContaining({ outcome: 'allowed' }))
    expect(await output.decisions()).toEqual([1, 1].map(() => 2 * apps.length))
    await output.expectClean()
  })

  it('is in no event about a report-only rule, whatever the rule decides', async () => {
    const rules: readonly GuardLike[] = [
      scope('admin'),
      ({ subject }) => subject === 'no one',
      ({ subject }) => Promise.reject(new Error(subject)),
      ({ raw }) => {
        throw Object.assign(new Error(raw), { status: 403, raw })
      },
      ({ scopes, claims }) => {
        throw new InsufficientScope('scope', { scopes: ['admin', ...scopes], cause: claims })
      },
    ]
    await start(
      {
        issuer: { issuer: issuer.url, profile: 'report-only' },
        dpop: { mode: 'report-only' },
        mtls: { mode: 'report-only' },
      },
      rules.map((rule, index) => ({ path: `/${index}`, use: (to) => [to.protect(reportOnly(rule))] })),
    )
    for (const index of rules.keys()) {
      const responses = await send({ target: `/${index}`, lines: bearer(issuer.token({}, { typ: 'JWT' })) })
      expect(responses.map(({ status }) => status)).toEqual(everywhere(200))
    }
    const reports = [...output.left].flatMap((one) => {
      const { type, reason, scopes } = one as { type?: string; reason?: string; scopes?: readonly string[] }
      return type === 'report' ? [`${reason} ${scopes}`] : []
    })
    expect(new Set(reports)).toEqual(
      new Set(['token_type ', 'unbound ', 'scope admin', 'guard ', 'undefined ', 'scope ']),
    )
    await output.expectClean()
  })
})

describe('what an upstream sends, including the request that it quotes', () => {
  it.each(MODES)('is nowhere: %s', async (mode) => {
    issuer.mode = mode
    await start()
    const [jwt, opaque] = [
      await send({ lines: bearer(issuer.token()) }),
      await send({ lines: bearer(issuer.opaque()) }),
    ]
    // Keys are loaded whatever the media type of what names and has them (K13).
    const permitted = [mode === 'good' || mode === 'type', mode === 'good']
    for (const [index, responses] of [jwt, opaque].entries()) {
      expect(responses.map(({ status }) => status)).toEqual(everywhere(permitted[index] ? 200 : 503))
      // A handler that is reached responds with the claims, as it should.
      if (!permitted[index]) expect(JSON.stringify(responses)).not.toContain(CANARY)
    }
    const targets = [...output.left].map((one) => (one as { target?: string }).target)
    expect(targets).toEqual(expect.arrayContaining(['discovery', 'introspection']))
    await output.expectClean()
  })
})

/** Our error, also where a framework wraps it: Nest as its `error`, h3 as its cause. */
function refusalIn(thrown: unknown): readonly BearwardError[] {
  const { error, cause } = thrown as { error?: unknown; cause?: unknown }
  return [thrown, error, cause].filter((one) => one instanceof BearwardError).slice(0, 1)
}
