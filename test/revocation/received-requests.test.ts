import type { ResourceServerOptions } from 'bearward'
import type { RevocationOptions } from 'bearward/revocation'
import { describe, expect, it } from 'vitest'
import type { RequestContent } from '../../src/http-message.ts'
import { NOW } from '../corpus/kit.ts'
import { createRevokingServer } from './kit.ts'
import { BAD_LOGOUTS, CLIENT, logoutToken } from './logout-tokens.ts'
import { AUDIENCE, BAD_EVENTS, CAEP, securityEvent } from './security-events.ts'

// How the endpoints respond, byte for byte, without an adapter (N3a, N3b). The contract tests send the same by each API.

/** The sentences of docs/revocation.md's codes, which senders see. */
const SENTENCES: Readonly<Record<string, string>> = {
  media_type: 'This endpoint does not accept the media type',
  body: 'The body must contain exactly one token',
  too_large: 'The body is larger than this server accepts',
  malformed: 'The token is malformed',
  algorithm: 'The token is signed with an algorithm that is not accepted',
  type: 'The token has another type',
  issuer: 'The issuer of the token is not trusted',
  audience: 'The token is meant for another recipient',
  exp: 'The token has no exp',
  time: 'The token has expired, is not valid yet, or lacks its times',
  signature: 'The signature of the token is invalid',
  event: 'The token has no event for this endpoint',
  nonce: 'The token has a nonce, so it is an ID token',
  subject: 'The token names neither a user nor a session nor a token in a supported format',
  id: 'The token has no jti',
  denied: 'The transmitter may not revoke tokens of this issuer',
  authorization: 'The Authorization header is not the configured one',
  unavailable: 'The token cannot be verified now',
  failed: 'The revocation cannot be stored now',
  full: 'No more revocations can be stored now',
}

const FORM = 'application/x-www-form-urlencoded'
const EVENT = 'application/secevent+jwt'
const REQUIRED = 'Bearer the secret of the stream'
const GOOD = securityEvent(`${CAEP}session-revoked`)

type Over = Partial<Omit<RequestContent, 'body'>> & { readonly method?: string; readonly body?: unknown }

function start(revoking: RevocationOptions = {}, options: Partial<ResourceServerOptions> = {}) {
  const parts = createRevokingServer(options, {
    logout: { clients: CLIENT },
    sharedSignals: { audience: AUDIENCE },
    ...revoking,
  })
  const { backchannelLogout, sharedSignals } = parts.revoked
  const send = (endpoint: typeof backchannelLogout, { method = 'POST', body, ...content }: Over) =>
    endpoint.respond(method, '/', {
      authorization: [],
      contentType: undefined,
      body: async () => body as string,
      ...content,
    })
  return {
    ...parts,
    logout: (over: Over) => send(backchannelLogout, { contentType: FORM, ...over }),
    event: (over: Over) => send(sharedSignals, { contentType: EVENT, ...over }),
    code: () => parts.log.of('revocation').at(-1)?.code,
  }
}

const formOf = (token: string): string => new URLSearchParams({ logout_token: token }).toString()
const JSON_TYPE = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' }

const refusedLogout = (code: string) => ({
  status: 400,
  headers: JSON_TYPE,
  body: JSON.stringify({ error: 'invalid_request', error_description: SENTENCES[code] }),
})

const refusedEvent = (code: string, err = 'invalid_request') => ({
  status: 400,
  headers: { ...JSON_TYPE, 'Content-Language': 'en' },
  body: JSON.stringify({ err, description: SENTENCES[code] }),
})

describe('the endpoint for logout tokens', () => {
  it('responds 200 to a good one', async () => {
    expect(await start().logout({ body: formOf(logoutToken()) })).toEqual({
      status: 200,
      headers: { 'Cache-Control': 'no-store' },
      body: '',
    })
  })

  it.each(BAD_LOGOUTS)('refuses a bad one: $name', async ({ token, code }) => {
    const { logout, code: reported, revoked } = start()
    expect(await logout({ body: formOf(token) })).toEqual(refusedLogout(code))
    expect([reported(), await revoked.list()]).toEqual([code, []])
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['nothing in it', ''],
    ['no token', 'logout_token='],
    ['another parameter', `token=${logoutToken()}`],
    ['two tokens', `${formOf(logoutToken())}&${formOf(logoutToken())}`],
    ['a token and an empty one', `${formOf(logoutToken())}&logout_token=`],
    ['an object without one', { token: logoutToken() }],
    ['an object that inherits one', Object.create({ logout_token: logoutToken() })],
    ['an object with an empty one', { logout_token: '' }],
    ['an object with two', { logout_token: [logoutToken(), logoutToken()] }],
    ['null', null],
  ])('refuses a body with %s', async (_, body) => {
    const { logout, code, revoked } = start()
    expect(await logout({ body })).toEqual(refusedLogout('body'))
    expect([code(), await revoked.list()]).toEqual(['body', []])
  })

  it.each([undefined, '', 'text/plain', 'application/jwt', EVENT, 'multipart/form-data; boundary=x', `x-${FORM}`])(
    'refuses the media type %s without reading the body',
    async (contentType) => {
      const { logout, code } = start()
      const body = () => Promise.reject(new Error('read'))
      expect(await logout({ contentType, body: undefined, ...({ body } as object) })).toEqual(
        refusedLogout('media_type'),
      )
      expect(code()).toBe('media_type')
    },
  )

  it.each([`${FORM}; charset=UTF-8`, FORM.toUpperCase()])('accepts the media type %s', async (contentType) => {
    expect(await start().logout({ contentType, body: formOf(logoutToken()) })).toMatchObject({ status: 200 })
  })

  it('accepts a body of 65,536 characters, and none that is longer', async () => {
    const { logout, code } = start()
    const body = `${formOf(logoutToken())}&x=`
    expect(await logout({ body: body.padEnd(65_536, 'x') })).toMatchObject({ status: 200 })
    expect(await logout({ body: body.padEnd(65_537, 'x') })).toEqual(refusedLogout('too_large'))
    expect(code()).toBe('too_large')
  })
})

describe('the endpoint for security events', () => {
  it('responds 202 to a good one', async () => {
    expect(await start().event({ body: GOOD })).toEqual({
      status: 202,
      headers: { 'Cache-Control': 'no-store' },
      body: '',
    })
  })

  it.each(BAD_EVENTS)('refuses a bad one: $name', async ({ token, err, code }) => {
    const { event, code: reported, revoked } = start()
    expect(await event({ body: token })).toEqual(refusedEvent(code, err))
    expect([reported(), await revoked.list()]).toEqual([code, []])
  })

  it.each([0, NOW - 86_400, NOW + 60])('accepts the event_timestamp %d', async (before) => {
    const { event, revoked } = start()
    const body = securityEvent(`${CAEP}session-revoked`, {}, { event_timestamp: before })
    expect(await event({ body })).toMatchObject({ status: 202 })
    expect(await revoked.list()).toMatchObject([{ before }])
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['nothing in it', ''],
    ['an object', { [GOOD]: '' }],
  ])('refuses a body with %s', async (_, body) => {
    expect(await start().event({ body })).toEqual(refusedEvent('body'))
  })

  it('reads bytes, and a body of 65,536 characters, and none that is longer', async () => {
    const { event } = start({}, { limits: { token: 65_536 } })
    expect(await event({ body: new TextEncoder().encode(GOOD) })).toMatchObject({ status: 202 })
    expect(await event({ body: 'x'.repeat(65_536) })).toEqual(refusedEvent('malformed'))
    expect(await event({ body: 'x'.repeat(65_537) })).toEqual(refusedEvent('too_large'))
  })

  it.each([undefined, FORM, 'application/jwt', 'application/json'])(
    'refuses the media type %s',
    async (contentType) => {
      expect(await start().event({ contentType, body: GOOD })).toEqual(refusedEvent('media_type'))
    },
  )

  it.each([
    [[]],
    [[REQUIRED, REQUIRED]],
    [[`${REQUIRED} `]],
    [[REQUIRED.toLowerCase()]],
    [[REQUIRED.slice(0, -1)]],
    [['']],
  ])('requires the configured Authorization header, before anything else: %j', async (authorization) => {
    const { event, code, revoked } = start({ sharedSignals: { audience: AUDIENCE, authorization: REQUIRED } })
    for (const contentType of [EVENT, 'text/plain'])
      expect(await event({ authorization, contentType, body: GOOD })).toEqual({
        status: 401,
        headers: { ...JSON_TYPE, 'Content-Language': 'en', 'WWW-Authenticate': 'Bearer' },
        body: JSON.stringify({ err: 'authentication_failed', description: SENTENCES.authorization }),
      })
    expect([code(), await revoked.list()]).toEqual(['authorization', []])
    expect(await event({ authorization: [REQUIRED], body: GOOD })).toMatchObject({ status: 202 })
  })

  it('checks no Authorization header unless one is configured', async () => {
    expect(await start().event({ authorization: ['Bearer x'], body: GOOD })).toMatchObject({ status: 202 })
  })
})

describe('both endpoints', () => {
  it.each(['GET', 'HEAD', 'PUT', 'post'])('respond 405 to %s', async (method) => {
    const { logout, event, code } = start()
    for (const send of [logout, event]) {
      const response = await send({ method, body: formOf(logoutToken()) })
      expect(response).toMatchObject({ status: 405, body: '', headers: { 'Cache-Control': 'no-store', Allow: 'POST' } })
      expect(response?.headers['Content-Type']).toBeUndefined()
      expect(code()).toBe('method')
    }
  })

  it('respond 503 where nothing can be stored, and say when to send it again', async () => {
    const failing = { read: async () => ({ records: [], cursor: '', more: false, lost: false }) }
    const secret = 'a secret of at least thirty-two bytes'
    const store = (add: () => Promise<'added' | 'full'>) => ({ store: { ...failing, add }, secret })
    for (const [code, options] of [
      ['failed', store(() => Promise.reject(new Error('down')))],
      ['full', store(async () => 'full')],
    ] as const) {
      const { logout, event, server, code: reported } = start(options)
      expect(await logout({ body: formOf(logoutToken()) })).toEqual({
        status: 503,
        headers: { ...JSON_TYPE, 'Retry-After': '1' },
        body: JSON.stringify({ error: 'invalid_request', error_description: SENTENCES[code] }),
      })
      expect(await event({ body: GOOD })).toEqual({
        status: 503,
        headers: { ...JSON_TYPE, 'Retry-After': '1', 'Content-Language': 'en' },
        body: JSON.stringify({ err: 'invalid_request', description: SENTENCES[code] }),
      })
      expect(reported()).toBe(code)
      server.close()
    }
  })
})
