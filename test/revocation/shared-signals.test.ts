import { type RevocationOptions, revocation } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import { keySetOf } from '../corpus/keys.ts'
import { ISSUER, NOW } from '../corpus/kit.ts'
import { until } from '../support/upstream/requests.ts'
import { createRevokingServer, kit, tokenWith } from './kit.ts'
import { AUDIENCE, CAEP, RISC, SSF, securityEvent, USER } from './security-events.ts'

// What a security event revokes (N3b).

const TRANSMITTER = 'https://signals.example/tenant'
const OTHER = 'https://other.example'

function start(signals: Partial<NonNullable<RevocationOptions['sharedSignals']>> = {}, options = {}) {
  const parts = createRevokingServer(options, { sharedSignals: { audience: AUDIENCE, ...signals } })
  const endpoint = parts.revoked.sharedSignals
  return {
    ...parts,
    async push(token: string) {
      const content = { authorization: [], contentType: 'application/secevent+jwt', body: async () => token }
      const response = await endpoint.respond('POST', '/', content)
      return response?.status === 202 ? 202 : JSON.parse(response?.body ?? '').err
    },
  }
}

describe('an event', () => {
  it.each([
    `${CAEP}session-revoked`,
    `${CAEP}credential-change`,
    `${CAEP}token-claims-change`,
    `${RISC}account-disabled`,
    `${RISC}account-purged`,
    `${RISC}sessions-revoked`,
  ])('%s revokes the tokens of its subject that were issued up to it', async (type) => {
    const { push, outcome } = start()
    expect(await push(securityEvent(type, { iat: NOW - 5 }))).toBe(202)
    expect(await outcome(tokenWith({ iat: NOW - 5 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW - 4 }))).toBe('allowed')
    expect(await outcome(tokenWith({ sub: 'user-2', iat: NOW - 5 }))).toBe('allowed')
  })

  it('covers up to event_timestamp if it has one', async () => {
    const { push, outcome } = start()
    await push(securityEvent(`${CAEP}credential-change`, {}, { event_timestamp: NOW - 100 }))
    expect(await outcome(tokenWith({ iat: NOW - 100 }))).toBe('revoked')
    expect(await outcome(tokenWith({ iat: NOW - 99 }))).toBe('allowed')
  })

  it('that is repeated changes nothing', async () => {
    const { push, revoked } = start()
    for (let round = 0; round < 3; round++) await push(securityEvent(`${CAEP}session-revoked`))
    expect(await revoked.list()).toHaveLength(1)
  })

  it.each([
    [`${SSF}verification`, 'verification'],
    [`${CAEP}device-compliance-change`, 'unknown_event'],
    ['https://other.example/event', 'unknown_event'],
  ])('%s is acknowledged, and reported', async (type, code) => {
    const { push, revoked, log } = start()
    expect(await push(securityEvent(type, { sub_id: { format: 'opaque', id: 'stream' } }, { state: 'x' }))).toBe(202)
    expect(await revoked.list()).toEqual([])
    expect(log.of('revocation')).toMatchObject([{ action: 'ignored', code }])
  })
})

describe('a subject', () => {
  const cases: readonly [string, unknown, object][] = [
    ['iss_sub', USER, { sub: 'user-1', sid: undefined, before: NOW }],
    ['opaque', { format: 'opaque', id: 's-1' }, { sid: 's-1', sub: undefined, before: undefined }],
    ['jwt_id', { format: 'jwt_id', iss: ISSUER, jti: 'token-1' }, { jti: 'token-1', before: undefined }],
    [
      'complex: user',
      { format: 'complex', user: USER, tenant: { format: 'opaque', id: 't' } },
      { sub: 'user-1', before: NOW },
    ],
    [
      'complex: session',
      { format: 'complex', session: { format: 'opaque', id: 's-1' } },
      { sid: 's-1', sub: undefined },
    ],
    [
      'complex: user and session',
      { format: 'complex', user: USER, session: { format: 'opaque', id: 's-1' } },
      { sub: 'user-1', sid: 's-1', before: NOW },
    ],
    ['complex without a format', { user: USER }, { sub: 'user-1', before: NOW }],
  ]

  it.each(cases)('of session-revoked: %s', async (_, subject, entry) => {
    const { push, revoked } = start()
    expect(await push(securityEvent(`${CAEP}session-revoked`, { sub_id: subject }))).toBe(202)
    expect(await revoked.list()).toMatchObject([{ issuer: ISSUER, ...entry }])
  })

  it('that is opaque names a user in other events', async () => {
    const { push, revoked } = start()
    await push(securityEvent(`${CAEP}credential-change`, { sub_id: { format: 'opaque', id: 'user-1' } }))
    expect(await revoked.list()).toMatchObject([{ sub: 'user-1', sid: undefined }])
  })

  it('may be in the event, as in earlier drafts', async () => {
    const { push, revoked } = start()
    expect(await push(securityEvent(`${RISC}account-disabled`, { sub_id: undefined }, { subject: USER }))).toBe(202)
    expect(await revoked.list()).toMatchObject([{ sub: 'user-1' }])
  })

  it('with a session that has no ID of a session names the user on its own', async () => {
    const { push, outcome } = start()
    const session = { format: 'iss_sub', iss: ISSUER, sub: 'session-subject' }
    const event = securityEvent(`${CAEP}session-revoked`, { sub_id: { format: 'complex', user: USER, session } })
    expect(await push(event)).toBe(202)
    expect(await outcome(tokenWith())).toBe('revoked')
    expect(await outcome(tokenWith({ sub: 'session-subject' }))).toBe('revoked')
    expect(await outcome(tokenWith({ sub: 'user-2' }))).toBe('allowed')
  })

  it('with the ID of a token revokes this token, and the user as the event says', async () => {
    const { push, revoked } = start()
    const session = { format: 'jwt_id', iss: ISSUER, jti: 'token-1' }
    await push(securityEvent(`${CAEP}session-revoked`, { sub_id: { format: 'complex', user: USER, session } }))
    expect((await revoked.list()).map(({ sub, jti }) => [sub, jti])).toEqual([
      ['user-1', undefined],
      [undefined, 'token-1'],
    ])
  })

  it('with a session at one issuer and the user at another names both', async () => {
    const { push, revoked } = start({
      issuers: { [TRANSMITTER]: { issuers: [ISSUER, OTHER], keys: keySetOf(kit.attacker) } },
    })
    const session = { format: 'jwt_id', iss: OTHER, jti: 'token-1' }
    const claims = { iss: TRANSMITTER, sub_id: { format: 'complex', user: USER, session } }
    expect(await push(securityEvent(`${CAEP}session-revoked`, claims, {}, {}, kit.attacker))).toBe(202)
    expect((await revoked.list()).map(({ issuer }) => issuer)).toEqual([ISSUER, OTHER])
  })

  it.each([
    { format: 'complex', user: 'user-1', session: { format: 'opaque', id: 's-1' } },
    { format: 'complex', user: [USER], session: { format: 'opaque', id: 's-1' } },
    { format: 'complex', user: USER, session: 's-1' },
    { format: 'complex', user: USER, session: null },
  ])('with a part that cannot be understood is rejected: %j', async (subject) => {
    const { push, revoked } = start()
    expect(await push(securityEvent(`${CAEP}session-revoked`, { sub_id: subject }))).toBe('invalid_request')
    expect(await revoked.list()).toEqual([])
  })

  it('of one event that is wrong rejects all of the token', async () => {
    const { push, revoked } = start()
    const events = { [`${CAEP}credential-change`]: {}, [`${RISC}account-purged`]: { event_timestamp: -1 } }
    expect(await push(securityEvent('x', { events }))).toBe('invalid_request')
    expect(await revoked.list()).toEqual([])
  })
})

describe('a transmitter', () => {
  const keys = keySetOf(kit.attacker) // trusted here, as a transmitter
  const fromTransmitter = (claims = {}) =>
    securityEvent(`${CAEP}session-revoked`, { iss: TRANSMITTER, ...claims }, {}, {}, kit.attacker)

  it('that is no issuer reports about the issuers it is listed for', async () => {
    const { push, revoked } = start({ issuers: { [TRANSMITTER]: { issuers: [ISSUER, OTHER], keys } } })
    expect(await push(fromTransmitter())).toBe(202)
    expect(await push(fromTransmitter({ sub_id: { ...USER, iss: TRANSMITTER } }))).toBe('access_denied')
    expect(await push(fromTransmitter({ sub_id: { format: 'opaque', id: 's-1' } }))).toBe(202)
    expect((await revoked.list()).map(({ issuer, sub, sid }) => [issuer, sub ?? sid])).toEqual([
      [ISSUER, 'user-1'],
      [ISSUER, 's-1'],
      [OTHER, 's-1'],
    ])
    // A configured issuer that is not listed reports about itself.
    expect(await push(securityEvent(`${CAEP}session-revoked`, { jti: 'event-2' }))).toBe(202)
  })

  const load = (metadata: unknown) => {
    const requested: string[] = []
    const cacheControl: unknown[] = []
    const fetch = async (url: string | URL | Request, init?: RequestInit) => {
      requested.push(String(url))
      cacheControl.push(new Headers(init?.headers).get('Cache-Control'))
      return Response.json(String(url).includes('ssf-configuration') ? metadata : keys)
    }
    return { requested, cacheControl, fetch }
  }

  it('has its keys from its metadata (Shared Signals Framework 1.0 §7)', async () => {
    const { requested, cacheControl, fetch } = load({ issuer: TRANSMITTER, jwks_uri: 'https://signals.example/jwks' })
    const { push } = start({ issuers: { [TRANSMITTER]: { issuers: ISSUER } } }, { fetch })
    expect([await push(fromTransmitter()), await push(fromTransmitter({ jti: 'event-2' }))]).toEqual([202, 202])
    expect(requested).toEqual([
      'https://signals.example/.well-known/ssf-configuration/tenant',
      'https://signals.example/jwks',
    ])
    expect(cacheControl).toEqual([null, null])
  })

  it('that has replaced its keys since its last event is believed at once', async () => {
    let current = kit.attacker
    const fetch = async () => Response.json(keySetOf(current))
    const { push } = start(
      { issuers: { [TRANSMITTER]: { issuers: ISSUER, keys: 'https://signals.example/jwks' } } },
      { fetch },
    )
    expect(await push(fromTransmitter())).toBe(202)
    current = kit.signers.RS256
    const claims = { iss: TRANSMITTER, jti: 'event-2' }
    expect(await push(securityEvent(`${CAEP}session-revoked`, claims, {}, {}, current))).toBe(202)
  })

  it('without a path has its metadata at the path of none', async () => {
    const issuer = 'https://signals.example'
    const { requested, fetch } = load({ issuer, jwks_uri: 'https://signals.example/jwks' })
    const { push, log } = start({ issuers: { [issuer]: { issuers: ISSUER } } }, { fetch })
    expect(await push(fromTransmitter({ iss: issuer }))).toBe(202)
    expect(requested[0]).toBe('https://signals.example/.well-known/ssf-configuration')
    expect(log.of('fetch').map(({ target }) => target)).toEqual(['discovery', 'keys'])
  })

  it('has a key set without a media type, which is used (K13)', async () => {
    const metadata = { issuer: TRANSMITTER, jwks_uri: 'https://signals.example/jwks' }
    const fetch = async (url: string | URL | Request) =>
      String(url).includes('ssf-configuration') ? Response.json(metadata) : new Response(JSON.stringify(keys))
    const { push } = start({ issuers: { [TRANSMITTER]: { issuers: ISSUER } } }, { fetch })
    expect(await push(fromTransmitter())).toBe(202)
  })

  it('whose metadata hangs keeps nothing alive after close()', async () => {
    const signals: AbortSignal[] = []
    const fetch = (_: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    const { push, server } = start({ issuers: { [TRANSMITTER]: { issuers: ISSUER } } }, { fetch })
    const pushed = push(fromTransmitter())
    await until(() => signals.length === 1)
    server.close()
    await new Promise((resolve) => setTimeout(resolve, 20)) // without the end of its deadline
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await pushed).toBe('invalid_request')
  })

  it.each([
    [
      'names another issuer',
      { issuer: 'https://signals.example', jwks_uri: 'https://signals.example/jwks' },
      'issuer_mismatch',
    ],
    ['has no keys', { issuer: TRANSMITTER }, 'shape'],
    ['has keys at no URL', { issuer: TRANSMITTER, jwks_uri: 'keys' }, 'shape'],
    ['has keys at several URLs', { issuer: TRANSMITTER, jwks_uri: ['https://signals.example/jwks'] }, 'shape'],
    ['has keys at a plain http URL', { issuer: TRANSMITTER, jwks_uri: 'http://signals.example/jwks' }, 'insecure_url'],
    ['is no object', [TRANSMITTER], 'issuer_mismatch'],
  ])('whose metadata %s is 503, and an event says why', async (_, metadata, code) => {
    const { requested, fetch } = load(metadata)
    const { push, revoked, log } = start({ issuers: { [TRANSMITTER]: { issuers: ISSUER } } }, { fetch })
    expect(await push(fromTransmitter())).toBe('invalid_request')
    expect([requested.length, await revoked.list()]).toEqual([1, []])
    expect(log.of('fetch')).toMatchObject([{ target: 'discovery', issuer: TRANSMITTER, outcome: 'failed', code }])
  })
})

it.each<[string, unknown, string]>([
  ['no keys', { keys: [] }, 'keys has no usable key'],
  ['a secret', { keys: [{ kty: 'oct', k: 'AAAA' }] }, 'keys[0] cannot be used: it is symmetric'],
  ['metadata', 'https://signals.example/.well-known/openid-configuration', 'must be a key set, not metadata'],
])('wrong keys of a transmitter are found at the start, not with its first event: %s', (_, keys, problem) => {
  const wrong = { issuers: { [TRANSMITTER]: { issuers: ISSUER, keys: keys as string } } }
  expect(() => start(wrong)).toThrow(`revocation.sharedSignals.issuers["${TRANSMITTER}"].keys`)
  expect(() => start(wrong)).toThrow(problem)
})

it.each([
  ['Bearer abc', 'Bearer'],
  ['basic YTpi', 'Basic'],
  ['abc', 'Bearer'],
  ['Bearer basic abc', 'Bearer'],
  ['a secret of four words', 'Bearer'],
  ['basic', 'Bearer'],
])(
  'the challenge for %j names its scheme, and nothing that may be secret (SPEC N3b, RFC 9110 §11.6.1)',
  async (authorization, scheme) => {
    const { revoked } = start({ authorization })
    const content = { authorization: [], contentType: 'application/secevent+jwt', body: async () => '' }
    const response = await revoked.sharedSignals.respond('POST', '/', content)
    expect([response?.status, response?.headers['WWW-Authenticate']]).toEqual([401, scheme])
  },
)

it('the option `sharedSignals` is required for the endpoint, and is checked', () => {
  expect(() => revocation().sharedSignals).toThrow('revocation.sharedSignals is missing')
  const wrong = (sharedSignals: object) => () => revocation({ sharedSignals: { audience: AUDIENCE, ...sharedSignals } })
  expect(() => revocation({ sharedSignals: {} as never })).toThrow('sharedSignals.audience')
  expect(wrong({ issuers: { [TRANSMITTER]: {} } })).toThrow(`issuers["${TRANSMITTER}"].issuers is missing`)
  expect(wrong({ issuers: { 'http://signals.example': { issuers: ISSUER } } })).toThrow('must be https')
  expect(wrong({ issuers: { [TRANSMITTER]: { issuers: ISSUER, keys: 7 } } })).toThrow(
    'keys must be a URL, or a JWK Set',
  )
  for (const authorization of ['', 'Bearer ', ' Bearer abc', 'Bearer abc\n'])
    expect(wrong({ authorization })).toThrow('sharedSignals.authorization')
})
