import { expect, it } from 'vitest'
import { invalidToken, Refusal, unavailable, useDpopNonce } from '../../src/errors/refusal.ts'
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
  new Refusal('InsufficientUserAuthentication', 'authentication', { acr: [acr], maxAge: 60 })

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
