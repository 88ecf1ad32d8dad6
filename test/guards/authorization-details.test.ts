import {
  type AuthorizationDetail,
  anyOf,
  authorizationDetails,
  ConfigurationError,
  type GuardLike,
  scope,
} from 'bearward'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createDecider } from './decide.ts'

// G5, RFC 9396 §9.

interface Payment extends AuthorizationDetail {
  readonly type: 'payment'
  readonly amount: number
  readonly currency: string
}

const { decide, server, tokenWith, requestWith } = createDecider()
const PERMITTED = 'permitted'
const REFUSED = '403 error="insufficient_scope"'

const payment = { type: 'payment', amount: 10, currency: 'EUR' }
const upTo = (limit: number) => authorizationDetails<Payment>('payment', ({ amount }) => amount <= limit)
const details = (...list: readonly unknown[]) => ({ authorization_details: list })

describe('G5: authorizationDetails (RFC 9396 §9)', () => {
  it.each<[string, unknown, boolean]>([
    ['one of the type', [payment], true],
    ['one among others', [{ type: 'account' }, payment], true],
    ['one of another type', [{ ...payment, type: 'account' }], false],
    ['one of another case', [{ ...payment, type: 'Payment' }], false],
    ['one of a longer type', [{ ...payment, type: 'payments' }], false],
    ['none', [], false],
    ['no claim', undefined, false],
    ['null', null, false],
    ['an object instead of a list', payment, false],
    ['the list as text', JSON.stringify([payment]), false],
    ['a list in a list', [[payment]], false],
    ['the type without an object', ['payment'], false],
    ['a member without type', [{ amount: 10 }], false],
    ['a list of types', [{ ...payment, type: ['payment'] }], false],
    ['an object as type', [{ type: { payment: true } }], false],
    ['a type that is null', [{ type: null }], false],
    ['null beside a good one', [null, 1, 'payment', [], payment], true],
    ['an array with a type', [Object.assign([], { type: 'payment' })], false],
  ])('without match: %s', async (_, value, permits) => {
    const claims = { authorization_details: value }
    expect(await decide([authorizationDetails('payment')], claims)).toBe(permits ? PERMITTED : REFUSED)
  })

  it('with match: any one detail of the type has to match', async () => {
    expect(await decide([upTo(10)], details(payment))).toBe(PERMITTED)
    expect(await decide([upTo(9)], details(payment))).toBe(REFUSED)
    expect(await decide([upTo(9)], details(payment, { ...payment, amount: 9 }))).toBe(PERMITTED)
    expect(await decide([upTo(9)], details(payment, { type: 'account', amount: 1 }))).toBe(REFUSED)
    expect(await decide([upTo(9)], details(null, { amount: 1 }, { type: 1, amount: 1 }))).toBe(REFUSED)
  })

  it('with match: members of two details are not combined', async () => {
    const guard = authorizationDetails<Payment>('payment', (one) => one.amount <= 5 && one.currency === 'EUR')
    const mixed = details({ ...payment, currency: 'USD', amount: 5 }, payment)
    expect(await decide([guard], mixed)).toBe(REFUSED)
  })

  it.each<[string, unknown]>([
    ['one', 1],
    ['a text', 'true'],
    ['an object', {}],
    ['undefined', undefined],
    ['a promise of one', Promise.resolve(1)],
    ['a promise of undefined', Promise.resolve(undefined)],
    ['false', false],
    ['a promise of false', Promise.resolve(false)],
  ])('only true matches, and %s does not', async (_, value) => {
    const guard = authorizationDetails('payment', () => value as boolean)
    expect(await decide([guard], details(payment, payment))).toBe(REFUSED)
  })

  it('match may return a promise, and is called until one detail matches', async () => {
    const calls: unknown[] = []
    const guard = authorizationDetails<Payment>('payment', async ({ amount }) => {
      calls.push(amount)
      return amount === 2
    })
    const three = [1, 2, 3].map((amount) => ({ ...payment, amount }))
    expect(await decide([guard], details(...three))).toBe(PERMITTED)
    expect(calls).toEqual([1, 2])
    expect(await decide([guard], details(payment))).toBe(REFUSED)
  })

  it('match gets the detail, frozen, and the request of the framework', async () => {
    const seen: unknown[] = []
    const request = requestWith(tokenWith(details({ ...payment, nested: { a: [1] } })))
    await server.authenticate(request, [authorizationDetails('payment', (...args) => seen.push(...args) > 0 || true)])
    expect(seen).toEqual([{ ...payment, nested: { a: [1] } }, request.native])
    expect(seen[1]).toBe(request.native)
    const [detail] = seen as [{ nested: { a: number[] } }]
    expect([Object.isFrozen(detail), Object.isFrozen(detail.nested.a)]).toEqual([true, true])
  })

  it('what match throws is an error of the application (A7)', async () => {
    const throwing: GuardLike = authorizationDetails('payment', () => {
      throw new RangeError('own')
    })
    expect(await decide([throwing], details(payment))).toBe('threw RangeError: own')
    expect(await decide([throwing], details({ type: 'account' }))).toBe(REFUSED)
  })

  it('the challenge has no scope, unless another alternative has one', async () => {
    expect(await decide([scope('read:orders'), upTo(1)], details(payment))).toBe(REFUSED)
    expect(await decide([anyOf(upTo(1), scope('pay'))], details(payment))).toBe(`${REFUSED} scope="pay"`)
  })

  it('handlers see them as they were issued, whatever a schema does to the claims', async () => {
    const own = createDecider({ claims: z.object({ sub: z.string() }) })
    const token = await own.server.verify(
      own.tokenWith(details(payment, { amount: 1 }, 'x', { type: 1 }, { type: '' })),
    )
    expect(token.claims).toEqual({ sub: 'user-1' })
    expect(token.authorizationDetails).toEqual([payment])
    expect(Object.isFrozen(token.authorizationDetails)).toBe(true)
    expect(await own.decide([upTo(10)], details(payment))).toBe(PERMITTED)
  })

  it.each<[string, () => unknown, string]>([
    ['no type', () => authorizationDetails(''), 'authorizationDetails'],
    ['a type that is undefined', () => authorizationDetails(undefined as never), 'authorizationDetails'],
    ['a match that is undefined', () => authorizationDetails('a', undefined as never), 'authorizationDetails.match'],
    ['a match that is a value', () => authorizationDetails('a', true as never), 'authorizationDetails.match'],
  ])('is refused when it is created: %s', (_, make, option) => {
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(expect.objectContaining({ option }))
  })
})
