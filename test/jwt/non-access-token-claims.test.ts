import { expect, it } from 'vitest'
import { checkForeignClaims } from '../../src/claims/non-access-token-claims.ts'

it.each([
  ['typ', { typ: 'ID' }],
  ['typ', { token_type: 'refresh', typ: 'Refresh' }],
  ['nonce', { nonce: 'n' }],
  [undefined, { typ: 'Bearer', token_type: 'refresh' }],
])('the refusal of a token that is no access token names %s, for %j (RFC 8725 §3.11)', (claim, claims) => {
  const refusal = checkForeignClaims(claims, false)
  expect([refusal?.reason, refusal?.claim]).toEqual(['token_type', claim])
})
