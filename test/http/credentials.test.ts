import { expect, it } from 'vitest'
import { Refusal } from '../../src/errors/refusal.ts'
import { schemeOf } from '../../src/http/credentials.ts'
import { type Policy, readAll } from '../support/http/read-credential.ts'

// R3, R4, R5: what the contract cannot see, since frameworks do not pass it on.

const policy: Policy = {
  queryTokens: 'reject',
  formTokens: 'accept',
  credentials: undefined,
  proves: true,
  schemes: ['Bearer', 'DPoP'],
  tokenLimit: 10,
  formLimit: 100,
}
const request = (authorization: readonly string[], form?: unknown) => ({
  native: {},
  method: 'POST',
  target: '/',
  authorization,
  contentType: 'application/x-www-form-urlencoded',
  ...(form !== undefined && { form: async () => form as string }),
})

it.each([null, 7, true])('a form that a parser made %j of holds no token (RFC 6750 §2.2)', async (form) => {
  expect(await readAll(request([], form), policy)).toBeUndefined()
})

it('a form may have a member named like one of JavaScript (RFC 6750 §2.2)', async () => {
  const form = { length: 1e9, access_token: 'a' }
  expect(await readAll(request([], form), policy)).toEqual({ scheme: 'Bearer', token: 'a', place: 'form' })
})

it('a token elsewhere has no scheme and is a bearer token (RFC 9449 §7.2)', async () => {
  const credentials = { header: 'x-token', cookie: undefined, webSocketProtocol: false }
  const headers = () => ['a']
  expect(await readAll({ ...request([]), headers }, { ...policy, credentials })).toEqual({
    scheme: 'Bearer',
    token: 'a',
    place: 'elsewhere',
  })
})

it('a token over the limit names the option', async () => {
  const refusal = (await readAll(request(['Bearer aaaaaaaaaaa']), policy)) as Refusal
  expect(refusal).toBeInstanceOf(Refusal)
  expect(refusal.details).toMatchObject({ option: 'limits.token', size: 11, limit: 10 })
  expect(await readAll(request(['Bearer aaaaaaaaaa']), policy)).toMatchObject({ token: 'aaaaaaaaaa' })
})

it('several Authorization lines are of no scheme (RFC 9110 §5.3)', () => {
  expect(schemeOf(request(['DPoP a']), policy.schemes)).toBe('DPoP')
  expect(schemeOf(request(['DPoP a', 'Bearer b']), policy.schemes)).toBeUndefined()
  expect(schemeOf(request(['Basic a']), policy.schemes)).toBeUndefined()
})
