// Expectations that hold, and expectations that fail, for each test runner.
import { createResourceServer } from 'bearward'
import { createTestIssuer, expectChallenge, expectUnavailable } from 'bearward/testing'

export function tests(test) {
  test('holds: a challenge', () => {
    const headers = { 'www-authenticate': 'Bearer realm="x", error="invalid_token"' }
    expectChallenge({ status: 401, headers }, { error: 'invalid_token' })
  })

  test('holds: a token of the issuer', async () => {
    const issuer = await createTestIssuer()
    const { subject } = await createResourceServer(issuer.options).verify(await issuer.jwt({ sub: 'alice' }))
    if (subject !== 'alice') throw new Error('wrong subject')
  })

  test('fails: another response', () => {
    expectChallenge({ status: 200, headers: {} }, { error: 'insufficient_scope', scope: 'pay' })
  })

  test('fails: a malformed header', () => {
    expectChallenge({ status: 401, headers: { 'www-authenticate': 'Bearer realm="x' } })
  })

  test('fails: an outage that is blamed on the caller', () => {
    expectUnavailable({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  })
}
