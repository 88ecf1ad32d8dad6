import { describe, expect, it } from 'vitest'
import { bytesOf, type RawRequest } from '../support/http/raw-client.ts'
import { acceptedRequests } from './accepted-requests.ts'
import { acceptedTokens } from './accepted-tokens.ts'
import { createKit } from './kit.ts'
import { hostileRequests } from './requests/index.ts'
import { TOKEN_FAMILIES } from './tokens/index.ts'

interface Counted {
  readonly name: string
  readonly bytes: string
}

const kit = createKit()

const bytes = (request: RawRequest | string): string => (typeof request === 'string' ? request : bytesOf(request))

const hostile: readonly Counted[] = [
  ...TOKEN_FAMILIES.flatMap(({ family, make }) =>
    make(kit).map(({ name, token }) => ({ name: `${family}: ${name}`, bytes: token })),
  ),
  ...hostileRequests(kit).flatMap(({ family, api, cases }) =>
    cases.map(({ name, request }) => ({ name: `${family}: ${name}`, bytes: `${api} ${bytes(request)}` })),
  ),
]

const legal: readonly Counted[] = [
  ...acceptedTokens(kit).map(({ name, token }) => ({ name, bytes: token })),
  ...acceptedRequests(kit).map(({ name, api, request }) => ({ name, bytes: `${api} ${bytes(request)}` })),
]

const twice = (values: readonly string[]): readonly string[] =>
  values.filter((value, index) => values.indexOf(value) !== index)

describe.each([
  ['hostile', hostile, 400],
  ['unusual but legal', legal, 60],
] as const)('the corpus of %s tokens and requests', (_, cases, least) => {
  it(`has at least ${least}`, () => {
    expect(cases.length).toBeGreaterThanOrEqual(least)
  })

  it('gives each a unique name', () => {
    expect(twice(cases.map(({ name }) => name))).toEqual([])
  })

  // Signatures are the same for the same text, so equal cases are equal texts.
  it('has no two with the same bytes', () => {
    const repeated = new Set(twice(cases.map((one) => one.bytes)))
    expect(cases.filter((one) => repeated.has(one.bytes)).map(({ name }) => name)).toEqual([])
  })
})

it('no token is both hostile and legal', () => {
  const both = new Set(legal.map((one) => one.bytes))
  expect(hostile.filter((one) => both.has(one.bytes)).map(({ name }) => name)).toEqual([])
})
