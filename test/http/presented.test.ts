import { expect, it } from 'vitest'
import { isSamePresented, presentedBy } from '../../src/http/presented.ts'

// R9: a request object that is used again is decided again if it presents anything else.

const sources = { header: 'x-token', cookie: undefined, webSocketProtocol: false }

function presented({
  method = 'GET',
  target = '/',
  authorization = ['Bearer a'],
  proofs = ['p'],
  tokens = ['t'],
} = {}) {
  const lines: Readonly<Record<string, readonly string[]>> = { dpop: proofs, 'x-token': tokens }
  const headers = (name: string) => lines[name] ?? []
  return presentedBy({ native: {}, contentType: undefined, method, target, authorization, headers }, true, sources)
}

it('the same, if everything is the same', () => {
  expect(isSamePresented(presented(), presented())).toBe(true)
})

it.each([
  { method: 'POST' },
  { target: '/?a' },
  { authorization: ['Bearer b'] },
  { authorization: [] },
  { authorization: ['Bearer a', 'Bearer a'] },
  { proofs: ['q'] },
  { proofs: [] },
  { proofs: ['p', 'p'] },
  { tokens: ['u'] },
  { tokens: ['t', 't'] },
])('another one, if one thing differs: %j', (change) => {
  expect(isSamePresented(presented(), presented(change))).toBe(false)
  expect(isSamePresented(presented(change), presented())).toBe(false)
})

it('of a request without headers, only what it has', () => {
  const request = { native: {}, contentType: undefined, method: 'GET', target: '/', authorization: [] }
  expect(presentedBy(request, true, sources)).toMatchObject({ proofs: [], elsewhere: [] })
})
