import { expect, it } from 'vitest'
import { INSUFFICIENT_USER_AUTHENTICATION } from '../../src/errors/errors.ts'
import { useDpopNonce } from '../../src/errors/proof-refusals.ts'
import {
  insufficientScope,
  invalidRequest,
  invalidToken,
  NO_CREDENTIALS,
  Refusal,
  unavailable,
} from '../../src/errors/refusal.ts'
import type { ChallengeContext, ResponseStyle } from '../../src/http/challenge.ts'
import { createRespond } from '../../src/http/error-response.ts'

// A4: a response is created once for each refusal of a route, unless it holds details of one request.

const style: ResponseStyle = {
  realm: 'r',
  resourceMetadata: () => undefined,
  proofAlgorithms: ['ES256'],
  body: 'oauth',
  detail: 'full',
}
const context = (scopes: readonly string[] = []): ChallengeContext => ({ scopes, schemes: ['DPoP'], used: 'DPoP' })

const stepUp = (acr: string) =>
  new Refusal(INSUFFICIENT_USER_AUTHENTICATION, 'authentication', { acr: [acr], maxAge: 60 })

it('a response that is the same for each request is created once for each list of scopes', () => {
  const respond = createRespond(style)
  const route = context(['a'])
  expect(respond(invalidToken('expired'), route)).toBe(respond(invalidToken('expired'), route))
  expect(respond(invalidToken('expired'), route)).not.toBe(respond(invalidToken('signature'), route))
  expect(respond(invalidToken('expired'), route)).not.toBe(respond(invalidToken('expired'), context(['a'])))
})

it('a nonce, the time of a retry and a required sign-in are those of this request (RFC 9449 §8, RFC 9470 §3)', () => {
  const respond = createRespond(style)
  const route = context()
  for (const nonce of ['one', 'two']) expect(respond(useDpopNonce(nonce), route).headers['DPoP-Nonce']).toBe(nonce)
  for (const [seconds, header] of [
    [0, '1'],
    [1, '1'],
    [5.2, '6'],
    [Number.POSITIVE_INFINITY, '1'],
  ] as const)
    expect(respond(unavailable('keys_unavailable', { retryAfter: seconds }), route).headers['Retry-After']).toBe(header)
  for (const acr of ['gold', 'silver'])
    expect(respond(stepUp(acr), route).headers['WWW-Authenticate']).toContain(`acr_values="${acr}", max_age="60"`)
})

it('what is no scope-token, and what is not served, is not in the challenge (RFC 6750 §3, RFC 9728 §5.1)', () => {
  const refusal = insufficientScope(['a', 'b"', 'c d', ''])
  const header = createRespond(style)(refusal, context(refusal.details.scopes)).headers['WWW-Authenticate']
  expect(header).toContain('scope="a",')
  expect(header).not.toContain('resource_metadata')
})

it.each([
  ['no token', NO_CREDENTIALS, true],
  ['several tokens', invalidRequest('several_credentials'), true],
  ['a bound token without its proof', invalidToken('confirmation'), true],
  ['a token that is not bound', invalidToken('unbound'), true],
  ['a token that has expired', invalidToken('expired'), false],
])(
  '%s: another scheme is offered only where it would help, and never after a proof (RFC 9449 §7.1)',
  (_, refusal, helps) => {
    const offered = (used: 'Bearer' | 'DPoP') =>
      createRespond(style)(refusal, { scopes: [], schemes: ['Bearer', 'DPoP'], used }).headers[
        'WWW-Authenticate'
      ]?.match(/\w+(?= realm=)/g)
    expect(offered('Bearer')).toEqual(helps ? ['Bearer', 'DPoP'] : ['Bearer'])
    expect(offered('DPoP')).toEqual(['DPoP'])
  },
)
