import { describe, expect, it } from 'vitest'
import { isSamePresented, presentedBy } from '../../src/http/presented.ts'

// R9: a request object that is used again is decided again if it presents anything else that may decide.

const credentials = { header: 'x-token', cookie: undefined, webSocketProtocol: false }
const policy = { proves: true, formTokens: 'off', credentials } as const

function presented(
  { method = 'GET', target = '/', authorization = ['DPoP a'], proofs = ['p'], tokens = ['t'] } = {},
  more: Partial<Parameters<typeof presentedBy>[1]> = {},
) {
  const lines: Readonly<Record<string, readonly string[]>> = { dpop: proofs, 'x-token': tokens }
  const headers = (name: string) => lines[name] ?? []
  const request = { native: {}, contentType: undefined, method, target, authorization, headers }
  return presentedBy(request, { ...policy, ...more })
}

it('the same, if everything is the same', () => {
  expect(isSamePresented(presented(), presented())).toBe(true)
})

it.each([
  { method: 'POST' },
  { target: '/?a' },
  { authorization: ['DPoP b'] },
  { authorization: [] },
  { authorization: ['DPoP a', 'DPoP a'] },
  { proofs: ['q'] },
  { proofs: [] },
  { proofs: ['p', 'p'] },
  { tokens: ['u'] },
  { tokens: ['t', 't'] },
])('another one, if one thing differs: %j', (change) => {
  expect(isSamePresented(presented(), presented(change))).toBe(false)
  expect(isSamePresented(presented(change), presented())).toBe(false)
})

describe('of a bearer token, proof and method do not decide (RFC 6750 §2.1)', () => {
  const authorization = ['Bearer a']
  const bearer = presented({ authorization })

  it.each([{ method: 'POST' }, { proofs: ['q'] }])('the same with another one: %j', (change) => {
    expect(isSamePresented(bearer, presented({ authorization, ...change }))).toBe(true)
  })

  it.each([{ target: '/?a' }, { authorization: ['Bearer b'] }, { tokens: ['u'] }])('another one: %j', (change) => {
    expect(isSamePresented(bearer, presented({ authorization, ...change }))).toBe(false)
  })

  it.each([['Bearer a', 'DPoP a'], ['DPoP a', 'Bearer a'], ['bearer a'], [' Bearer a']])(
    'but of anything that could be something else: %j %j',
    (...lines) => {
      const one = presented({ authorization: lines })
      expect(isSamePresented(one, presented({ authorization: lines, method: 'POST' }))).toBe(false)
      expect(isSamePresented(one, presented({ authorization: lines, proofs: ['q'] }))).toBe(false)
    },
  )

  it('the method decides whether there is a form to look for (RFC 6750 §2.2)', () => {
    const forms = { formTokens: 'accept' } as const
    expect(
      isSamePresented(presented({ authorization }, forms), presented({ authorization, method: 'POST' }, forms)),
    ).toBe(false)
  })
})

it('of a request without headers, only what it has', () => {
  const request = { native: {}, contentType: undefined, method: 'GET', target: '/', authorization: [] }
  expect(presentedBy(request, policy)).toMatchObject({ proofs: [], elsewhere: [] })
})
