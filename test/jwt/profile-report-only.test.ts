import { type BearwardEvent, createResourceServer, introspected, type Profile, type ReportEvent, scope } from 'bearward'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, ISSUER, NOW } from '../corpus/kit.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'

// G6: try out a stricter profile before enforcing it.

const kit = createKit()

function start(profile: Profile) {
  const reports: ReportEvent[] = []
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: {
      issuer: ISSUER,
      keys: keySetOf(kit.signers.ES256),
      profile,
      introspect: () => ({ active: true, scope: 'read:orders' }),
    },
    clock: () => NOW,
    onEvent: (event: BearwardEvent) => void (event.type === 'report' && reports.push(event)),
  })
  const reasonFor = async (step: () => unknown) => {
    try {
      await step()
      return 'permitted'
    } catch (thrown) {
      return (thrown as { reason?: string }).reason ?? String(thrown)
    }
  }
  const request = (token: string) => ({
    native: {},
    method: 'GET',
    target: '/',
    authorization: [`Bearer ${token}`],
    contentType: undefined,
  })
  return {
    server,
    reports,
    request,
    verify: (token: string) => reasonFor(() => server.verify(token)),
    ask: (token: string) => reasonFor(() => server.authenticate(request(token), [scope('read:orders')])),
  }
}

const jwt = (header: object, claims: object) =>
  kit.token({ header: kit.header({ ...header }), claims: kit.claims({ ...claims }) })

const TOKENS: readonly (readonly [string, string])[] = [
  ['a good one', jwt({}, {})],
  ['another spelling of the type', jwt({ typ: 'application/AT+JWT' }, {})],
  ['typ JWT', jwt({ typ: 'JWT' }, {})],
  ['no typ', jwt({ typ: undefined }, {})],
  ['typ JWT and a claim less', jwt({ typ: 'JWT' }, { jti: undefined })],
  ...['sub', 'client_id', 'iat', 'jti'].map((name) => [`no ${name}`, jwt({}, { [name]: undefined })] as const),
  ['a logout token', jwt({ typ: 'logout+jwt' }, {})],
  ['an ID token', jwt({ typ: 'JWT' }, { nonce: 'n' })],
  ['an expired one', jwt({ typ: 'JWT' }, { exp: NOW - 100 })],
  ['one for another audience', jwt({ typ: 'JWT' }, { aud: 'https://other.example' })],
  ['no exp', jwt({}, { exp: undefined })],
]

describe("profile: 'report-only'", () => {
  it.each(TOKENS)("refuses what 'compat' does, and reports what 'rfc9068' would refuse: %s", async (_, token) => {
    const [reportOnly, compat, strict] = [start('report-only'), start('compat'), start('rfc9068')]
    const outcome = await reportOnly.ask(token)
    expect(outcome).toBe(await compat.ask(token))
    const wouldBe = await strict.ask(token)
    // For a token that is refused anyway there is nothing to report.
    const expected = outcome === 'permitted' && wouldBe !== 'permitted' ? [wouldBe] : []
    expect(reportOnly.reports.map(({ reason }) => reason)).toEqual(expected)
    expect([...compat.reports, ...strict.reports]).toEqual([])
    for (const one of [reportOnly, compat, strict]) one.server.close()
  })

  it('these include tokens of both kinds', async () => {
    const { ask, reports } = start('report-only')
    const outcomes = await Promise.all(TOKENS.map(([, token]) => ask(token)))
    expect(new Set(outcomes)).toEqual(new Set(['permitted', 'token_type', 'expired', 'audience', 'missing_claim']))
    expect(new Set(reports.map(({ reason }) => reason))).toEqual(new Set(['token_type', 'missing_claim']))
  })

  it('reports a cached token as well, once for each request with it', async () => {
    const { server, ask, verify, reports, request } = start('report-only')
    const token = jwt({ typ: 'JWT' }, {})
    const event = {
      type: 'report',
      outcome: 'refused',
      status: 401,
      code: 'ERR_INVALID_TOKEN',
      reason: 'token_type',
      claim: 'typ',
      scopes: [],
      issuer: ISSUER,
      format: 'jwt',
    }
    for (const count of [1, 2, 3]) {
      expect(await ask(token)).toBe('permitted')
      expect(reports).toEqual(Array.from({ length: count }, () => event))
    }
    const stacked = request(token)
    await server.authenticate(stacked, [])
    await server.authenticate(stacked, [scope('read:orders')])
    await server.authenticate(stacked, [introspected({ maxAge: 0 })])
    expect(reports).toHaveLength(4)
    expect(await verify(token)).toBe('permitted')
    expect(reports).toHaveLength(5)
  })

  it('is not visible to applications', async () => {
    const { server } = start('report-only')
    const compact = jwt({ typ: 'JWT' }, {})
    // Twice: the second time from the cache.
    for (let round = 0; round < 2; round++) {
      expect(Object.keys(await server.verify(compact))).not.toContain('reportOnlyReason')
    }
    const tokens: object[] = []
    await server.forget((one) => tokens.push(one) > 1)
    expect(tokens.map((one) => Object.keys(one).includes('reportOnlyReason'))).toEqual([false])
  })
})
