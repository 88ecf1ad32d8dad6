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

it.each([
  ['token_use', ['id', 'id_token', 'refresh', 'refresh_token']],
  ['token_usage', ['id_token', 'refresh_token']],
  ['typ', ['ID', 'Refresh', 'Offline', 'Logout']],
  ['token_type', ['id', 'id_token', 'refresh', 'refresh_token']],
  ['type', ['id_token', 'refresh', 'refresh_token']],
  ['tokenName', ['id_token', 'refresh_token']],
])(
  'each value of %s that marks another kind of token is refused, and no other value (RFC 8725 §3.11)',
  (name, kinds) => {
    const isRefused = (value: unknown) => checkForeignClaims({ [name]: value }, false) !== undefined
    expect([...kinds, ...kinds.map((kind) => kind.toUpperCase())].filter((kind) => !isRefused(kind))).toEqual([])
    expect(['', 'access', 'access_token', 'Bearer', 'JWT', 1, null, kinds].filter(isRefused)).toEqual([])
  },
)
