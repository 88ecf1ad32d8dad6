import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { queryHoldsToken } from '../../src/http/query-token.ts'

const NAME = 'access_token'

/** `access_token` with any of its characters escaped, in either case of the digits. */
const spelling = fc
  .tuple(...[...NAME].map((character) => fc.tuple(fc.constant(character), fc.constantFrom('plain', 'upper', 'lower'))))
  .map((pairs) =>
    pairs
      .map(([character, how]) => {
        const hex = character.charCodeAt(0).toString(16)
        return how === 'plain' ? character : `%${how === 'upper' ? hex.toUpperCase() : hex}`
      })
      .join(''),
  )

const parameter = fc
  .stringMatching(/^[a-z0-9_%=+.~-]{0,12}$/)
  .filter((text) => !decodes(text.split('=', 1)[0] as string).includes(NAME))

const decodes = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

describe('R2: the name of a query parameter', () => {
  it('is recognized in every spelling and position (RFC 9700 §4.3.2)', () => {
    const ending = fc.constantFrom('', '=', '=a', '[]=a', '%5B%5D=a', '[0]=a', '==')
    fc.assert(
      fc.property(fc.array(parameter), spelling, ending, fc.array(parameter), (before, name, end, after) => {
        const target = `/orders?${[...before, name + end, ...after].join('&')}`
        expect(queryHoldsToken(target), target).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('is found only if URLSearchParams finds it, except for brackets and fragments', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(parameter, spelling, fc.constant('access_tok=1'))), (parameters) => {
        const query = parameters.join('&')
        expect(queryHoldsToken(`/orders?${query}`), query).toBe(new URLSearchParams(`&${query}`).has(NAME))
      }),
      { numRuns: 2000 },
    )
  })

  it('agrees with URLSearchParams on any text of the relevant characters', () => {
    const text = fc.string({
      unit: fc.constantFrom('access_token', 'a', '=', '&', '%', '6', '1', '%61', '+', '?'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(text, (query) => {
        const afterMarks = query.replace(/^\?+/, '')
        expect(queryHoldsToken(`/orders?${query}`), query).toBe(new URLSearchParams(`&${afterMarks}`).has(NAME))
      }),
      { numRuns: 3000 },
    )
  })

  it('is recognized after more than one question mark, as URLSearchParams drops one', () => {
    for (const target of ['/orders??access_token=a', '/orders???access_token', '/orders??%61ccess_token=a&b']) {
      expect(queryHoldsToken(target), target).toBe(true)
    }
    for (const target of ['/orders?a=b?access_token=a', '/orders?a&?access_token=a', '/orders??a?access_token=a']) {
      expect(queryHoldsToken(target), target).toBe(false)
    }
  })

  it('is recognized in a fragment, with or without a query, as some parsers read it (RFC 9110 §7.1)', () => {
    for (const target of ['/orders#access_token=a', '/orders#?a&access_token', '/orders?a#b&access_token=a']) {
      expect(queryHoldsToken(target), target).toBe(true)
    }
  })

  it('is ignored in a path', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/&=_]{0,20}$/), (path) => {
        expect(queryHoldsToken(`/${path}access_token=a`)).toBe(false)
      }),
    )
  })
})
