import {
  BearwardError,
  ConfigurationError,
  createResourceServer,
  InsufficientScope,
  InvalidDpopProof,
  InvalidRequest,
  InvalidToken,
  MissingCredentials,
  Unavailable,
  UseDpopNonce,
} from 'bearward'
import { describe, expect, it, vi } from 'vitest'
import { SENTENCES } from '../support/apps/expect-response.ts'

const server = createResourceServer({ resource: 'https://api.example.com', issuer: 'https://auth.example.com' })

const TABLE = [
  [new MissingCredentials(), 'MissingCredentials', 'ERR_MISSING_CREDENTIALS', 401, undefined, 'no_credentials'],
  [new InvalidRequest('query_token'), 'InvalidRequest', 'ERR_INVALID_REQUEST', 400, 'invalid_request', 'query_token'],
  [new InvalidToken('expired'), 'InvalidToken', 'ERR_INVALID_TOKEN', 401, 'invalid_token', 'expired'],
  [
    new InvalidDpopProof('proof_time'),
    'InvalidDpopProof',
    'ERR_INVALID_DPOP_PROOF',
    401,
    'invalid_dpop_proof',
    'proof_time',
  ],
  [new UseDpopNonce('n'), 'UseDpopNonce', 'ERR_USE_DPOP_NONCE', 401, 'use_dpop_nonce', 'proof_nonce'],
  [new InsufficientScope('scope'), 'InsufficientScope', 'ERR_INSUFFICIENT_SCOPE', 403, 'insufficient_scope', 'scope'],
  [new Unavailable('keys_unavailable'), 'Unavailable', 'ERR_UNAVAILABLE', 503, undefined, 'keys_unavailable'],
] as const

describe.each(TABLE)('%s', (error, name, code, status, wire, reason) => {
  it('has a row in the table of errors (RFC 6750 §3.1)', () => {
    expect(error).toMatchObject({ name, code, status, statusCode: status, error: wire, reason })
    expect(error.message).toBe(SENTENCES[reason])
    expect(error.description).toBe(SENTENCES[reason])
    expect(error.expose).toBe(status < 500)
  })

  it('is an Error and a BearwardError', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(BearwardError)
    const others = [...new Set(TABLE.map(([one]) => one.constructor as typeof BearwardError))]
    expect(others.filter((one) => error instanceof one).map((one) => one.name)).toEqual([name])
  })

  it('renders itself once it has a response', async () => {
    const expected = server.respond(error)
    expect(error.response).toBeUndefined()
    expect(error.headers).toEqual({})
    error.prepared(expected)
    expect(error.headers).toEqual(expected.headers)
    for (const response of [error.toResponse(), error.getResponse()]) {
      expect([response.status, await response.text()]).toEqual([status, expected.body])
      expect(Object.fromEntries(response.headers)).toEqual(
        Object.fromEntries(Object.entries(expected.headers).map(([header, value]) => [header.toLowerCase(), value])),
      )
    }
  })

  it('has a challenge, unless it is an outage', () => {
    const { headers } = server.respond(error)
    expect('WWW-Authenticate' in headers).toBe(status !== 503)
    expect('Retry-After' in headers).toBe(status === 503)
  })
})

/** A second copy of the package, as a dependency of the application might bring it. */
async function secondCopy(): Promise<Pick<typeof import('bearward'), 'InvalidToken' | 'Unavailable'>> {
  vi.resetModules()
  const again = await import('bearward')
  if (again.InvalidToken !== InvalidToken) return again
  // The runtime loads the build; the query makes it a different module.
  return (await import(new URL('../../dist/src/errors/errors.js?copy', import.meta.url).href)) as typeof again
}

describe('BearwardErrors', () => {
  it('keep the cause, and the scopes that would help', () => {
    const cause = new Error('why')
    const error = new InsufficientScope('scope', { cause, scopes: ['a', 'b'], retryAfter: 3 })
    expect(error).toMatchObject({ cause, scopes: ['a', 'b'], retryAfter: 3 })
    expect(server.respond(error).headers['WWW-Authenticate']).toContain('scope="a b"')
  })

  it('never break a challenge, whatever scopes an application passes (RFC 6750 §3)', () => {
    const error = new InsufficientScope('scope', { scopes: ['good', 'a"b', 'c\r\nX: y', 'd e', '', 'é'] })
    expect(server.respond(error).headers['WWW-Authenticate']).toContain('scope="good"')
  })

  it.each([
    [undefined, '1'],
    [0, '1'],
    [0.2, '1'],
    [1, '1'],
    [1.2, '2'],
    [60, '60'],
    [-5, '1'],
    [Number.NaN, '1'],
    [Number.POSITIVE_INFINITY, '1'],
  ])('Retry-After of %s seconds is %s (RFC 9110 §10.2.3)', (seconds, header) => {
    const error = new Unavailable('keys_unavailable', seconds === undefined ? {} : { retryAfter: seconds })
    expect(server.respond(error).headers['Retry-After']).toBe(header)
  })

  it('are recognised across two copies of the package', async () => {
    const copy = await secondCopy()
    expect(copy.InvalidToken).not.toBe(InvalidToken)
    const theirs = new copy.InvalidToken('expired')
    expect([theirs instanceof InvalidToken, theirs instanceof BearwardError]).toEqual([true, true])
    expect([theirs instanceof InvalidRequest, theirs instanceof Unavailable]).toEqual([false, false])
    const ours = new Unavailable('keys_unavailable')
    expect([ours instanceof copy.Unavailable, ours instanceof copy.InvalidToken]).toEqual([true, false])
  })

  it('are not confused with objects that only look like them', () => {
    const fake = Object.assign(new Error('x'), { name: 'InvalidToken', code: 'ERR_INVALID_TOKEN', status: 401 })
    for (const value of [fake, {}, null, undefined, 'InvalidToken', 401]) {
      expect((value as unknown) instanceof BearwardError).toBe(false)
      expect((value as unknown) instanceof InvalidToken).toBe(false)
    }
  })

  it('can be extended by an application', () => {
    class TenantSuspended extends InsufficientScope {
      constructor() {
        super('guard')
      }
    }
    const error = new TenantSuspended()
    expect(error).toBeInstanceOf(InsufficientScope)
    expect(error).toBeInstanceOf(BearwardError)
    expect(error).toBeInstanceOf(TenantSuspended)
    expect(new InsufficientScope('guard')).not.toBeInstanceOf(TenantSuspended)
    expect(server.respond(error).status).toBe(403)
  })

  it('a configuration error is a separate TypeError', () => {
    const error = new ConfigurationError('issuer.audience', 'is missing')
    expect(error).toBeInstanceOf(TypeError)
    expect(error).not.toBeInstanceOf(BearwardError)
    expect(error).toMatchObject({
      name: 'ConfigurationError',
      code: 'ERR_CONFIGURATION',
      option: 'issuer.audience',
      message: 'bearward: option issuer.audience is missing',
    })
  })

  it('leave the stack limit of the process as it was', () => {
    const before = Error.stackTraceLimit
    new InvalidToken('expired')
    expect(() => new InvalidToken('expired', null as never)).toThrow(TypeError)
    expect(Error.stackTraceLimit).toBe(before)
    expect(new Error('x').stack?.split('\n').length).toBeGreaterThan(2)
  })
})
