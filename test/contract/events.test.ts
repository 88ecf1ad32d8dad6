import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type BearwardEvent, type ResourceServerOptions, reportOnly, scope } from 'bearward'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App, Route } from '../support/apps/app.ts'
import { ADAPTERS } from '../support/apps/apps.ts'
import { bearer, exchange, type RawRequest } from '../support/http/raw-client.ts'
import { createTestIssuer, RESOURCE, type TestIssuer } from '../support/issuer/issuer.ts'

// N5: `onEvent(event, request)` gets the framework's own request, on every adapter.

const ROUTES: readonly Route[] = [
  { path: '/read', use: (to) => [to.requireScope('read:orders')] },
  { path: '/open', use: (to) => [to.optionalAuth()] },
  { path: '/report', use: (to) => [to.protect(reportOnly(scope('admin')))] },
  {
    path: '/fails',
    use: (to) => [
      to.protect(() => {
        throw new Error('own failure')
      }),
    ],
  },
]

/** What each framework calls the headers of its request. */
interface AnyRequest {
  readonly headers?: Headers | Readonly<Record<string, string>>
  /** Hono. */
  readonly req?: { header?(name: string): string | undefined }
}

function headerOf(request: object | undefined, name: string): string | undefined {
  const { req, headers } = request as AnyRequest
  if (req?.header) return req.header(name)
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : headers?.[name]
}

interface Heard {
  readonly event: BearwardEvent
  readonly request: object | undefined
  /** The subject of the token that the request has at this time. */
  readonly subject: string | undefined
}

let issuer: TestIssuer
let apps: readonly App[]
// One list per adapter.
let heard: Heard[][]

const optionsOf = (index: number): ResourceServerOptions => ({
  resource: RESOURCE,
  issuer: { issuer: issuer.url, profile: 'report-only' },
  onEvent: (event, request) => {
    const subject = request && apps?.[index]?.server.tokenOf(request)?.subject
    heard[index]?.push({ event, request, subject })
  },
})

beforeAll(async () => {
  issuer = await createTestIssuer({ alg: 'ES256' })
  apps = await Promise.all(ADAPTERS.map((start, index) => start({ options: optionsOf(index), routes: ROUTES })))
})
beforeEach(() => {
  heard = ADAPTERS.map(() => [])
})
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()))
  await issuer.stop()
})

async function sendToAll(target: string, lines: readonly string[] = []): Promise<void> {
  const request: RawRequest = { target, lines: [...lines, 'X-Request-Id: request-7'] }
  await Promise.all(apps.map(({ port }) => exchange(port, request)))
}

/** For each adapter: outcome, the header of the request, and the subject, of the events of one type. */
const seen = (type: 'decision' | 'report') =>
  heard.map((list) =>
    list.flatMap(({ event, request, subject }) =>
      event.type === type ? [[event.outcome, headerOf(request, 'x-request-id'), subject]] : [],
    ),
  )

const everywhere = (...expected: unknown[]) => ADAPTERS.map(() => expected)

describe('an event about a request comes with it (N5)', () => {
  it('with its token, if it is allowed', async () => {
    await sendToAll('/read', bearer(await issuer.sign({ scope: 'read:orders' })))
    expect(seen('decision')).toEqual(everywhere(['allowed', 'request-7', 'user-1']))
  })

  it('without a token, if it is refused or anonymous', async () => {
    await sendToAll('/read')
    await sendToAll('/open')
    await sendToAll('/read', bearer(await issuer.sign({ scope: 'other' })))
    expect(seen('decision')).toEqual(
      everywhere(
        ['refused', 'request-7', undefined],
        ['anonymous', 'request-7', undefined],
        ['refused', 'request-7', undefined],
      ),
    )
  })

  it('if the application fails', async () => {
    await sendToAll('/fails', bearer(await issuer.sign()))
    expect(seen('decision')).toEqual(everywhere(['failed', 'request-7', undefined]))
  })

  it('if a rule only reports: of a route, and of an issuer', async () => {
    await sendToAll('/report', bearer(await issuer.sign({ scope: 'read:orders' }, { typ: 'JWT' })))
    const reports = heard.map((list) =>
      list.flatMap(({ event, request }) =>
        event.type === 'report' ? [[event.reason, headerOf(request, 'x-request-id')]] : [],
      ),
    )
    expect(reports).toEqual(everywhere(['token_type', 'request-7'], ['scope', 'request-7']))
  })
})

it('other events come without one: several requests may share a fetch (N5)', async () => {
  await sendToAll('/read', bearer(await issuer.sign({}, { kid: 'unknown' })))
  for (const list of heard) {
    const fetches = list.filter(({ event }) => event.type === 'fetch')
    expect(fetches).not.toEqual([])
    expect(fetches.filter(({ request }) => request !== undefined)).toEqual([])
  }
})

it('channels never get the request: everything in the process can read them (N5)', async () => {
  const published: unknown[][] = []
  const listener = (...given: unknown[]): void => void published.push(given)
  subscribe('bearward:decision', listener)
  try {
    await sendToAll('/read', bearer(await issuer.sign({ scope: 'read:orders' })))
  } finally {
    unsubscribe('bearward:decision', listener)
  }
  expect(published).toHaveLength(ADAPTERS.length)
  const events = heard.flatMap((list) => list.map(({ event }) => event))
  for (const [message, ...rest] of published) {
    expect(events).toContain(message)
    expect(rest).toEqual(['bearward:decision'])
    expect(Object.values(message as object).filter((value) => typeof value === 'object')).toEqual([])
  }
})

it('a refusal names the issuer once the token has been verified', async () => {
  await sendToAll('/read', bearer(await issuer.sign({ scope: 'other' })))
  await sendToAll('/read', bearer(await issuer.sign({ exp: 1 })))
  const named = heard.map((list) =>
    list.flatMap(({ event }) => (event.type === 'decision' ? [[event.reason, event.issuer, event.format]] : [])),
  )
  expect(named).toEqual(everywhere(['scope', issuer.url, 'jwt'], ['expired', undefined, undefined]))
})
