import { createResourceServer, type ResourceRequest } from 'bearward'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/errors/refusal.ts'
import { syntaxRefusal } from '../../src/http/credentials.ts'
import { joinsTwoCredentials, trimOptionalWhitespace } from '../../src/http/grammar.ts'
import { queryHoldsToken } from '../../src/http/query-token.ts'
import { decodeBase64url } from '../../src/util/encoding.ts'
import { keySetOf } from '../corpus/keys.ts'
import { createKit, encode, ISSUER, NOW } from '../corpus/kit.ts'
import { readHeaders } from '../support/http/read-credential.ts'
import { RESOURCE } from '../support/issuer/issuer.ts'
import { amount } from '../support/tiers/amount.ts'

// Nothing here measures time. The inputs are so large that a quadratic algorithm exceeds the time limit of every test,
// while a linear one ends immediately.
const MANY = amount(600_000, 300_000)

const policy = {
  queryTokens: 'reject',
  schemes: ['Bearer'],
  formTokens: 'accept',
  proves: true,
  credentials: { header: 'x-token', cookie: { name: 'a', origins: undefined }, webSocketProtocol: true },
  tokenLimit: MANY * 4,
  formLimit: MANY * 4,
} as const

/** Refused or not: it only has to end. */
function readThrough(request: ResourceRequest): void {
  const credential = readHeaders(request, policy)
  if (credential && !(credential instanceof Refusal)) syntaxRefusal(credential)
}

const headerValue = (value: string) =>
  readThrough({ native: {}, method: 'GET', target: '/', authorization: [value], contentType: undefined })

const VALUES: Readonly<Record<string, string>> = {
  'a long token': `Bearer ${'a'.repeat(MANY)}`,
  'a long token with a wrong end': `Bearer ${'a'.repeat(MANY)}!`,
  'equals signs': `Bearer a${'='.repeat(MANY)}`,
  'equals signs with a wrong end': `Bearer a${'='.repeat(MANY)}a`,
  'many equals signs between letters': `Bearer ${'a='.repeat(MANY)}`,
  spaces: `Bearer${' '.repeat(MANY)}`,
  'spaces before a token': `Bearer${' '.repeat(MANY)}a`,
  'spaces around': `${' '.repeat(MANY)}Bearer a${' '.repeat(MANY)}`,
  'spaces and tabs': `Bearer ${' \t'.repeat(MANY)}x`,
  'a long scheme': 'a'.repeat(MANY),
  'a long scheme with a wrong end': `${'a'.repeat(MANY)}\u00e9`,
  commas: `Basic ${','.repeat(MANY)}`,
  'commas and spaces': `Basic ${', '.repeat(MANY)}`,
  'commas before our scheme': `${','.repeat(MANY)}Bearer a`,
  'parameters without an end': `Basic a,${'b'.repeat(MANY)}`,
  'parameters and spaces without an end': `Basic a,b${' '.repeat(MANY)}c`,
  'many parameters': `Digest ${'a="b", '.repeat(MANY / 4)}`,
  quotes: `Basic ${'"'.repeat(MANY)}`,
  'an odd number of quotes': `Basic ${'"'.repeat(MANY + 1)}`,
  'backslashes in quotes': `Basic "${'\\'.repeat(MANY)}`,
  'commas in quotes that are left open': `Basic "${','.repeat(MANY)}`,
}

describe('R5: a hostile header takes linear time', () => {
  it.each(Object.entries(VALUES))('%s', (_, value) => {
    headerValue(value)
    joinsTwoCredentials(value)
    trimOptionalWhitespace(value)
  })
})

describe('R8: a hostile value elsewhere takes linear time', () => {
  it.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['cookies', 'a=;'],
    ['cookies with quotes', 'a=";'],
    ['subprotocols', 'bearer.,'],
    ['spaces', ' '],
    ['quotes', '"'],
  ])('%s', (_, text) => {
    const lines = [text.repeat(MANY)]
    const headers = (name: string) => (name === 'sec-fetch-site' ? ['none'] : lines)
    readThrough({ native: {}, method: 'GET', target: '/', authorization: [], contentType: undefined, headers })
  })
})

describe('R2: a hostile target takes linear time', () => {
  it.each([
    ['ampersands', '&'.repeat(MANY)],
    ['parameters', 'a=b&'.repeat(MANY)],
    ['question marks', '?'.repeat(MANY)],
    ['number signs', '#'.repeat(MANY)],
    ['names that nearly fit', 'access_toke&'.repeat(MANY / 4)],
    ['escaped names that nearly fit', '%61%63%63%65%73%73_toke&'.repeat(MANY / 8)],
    ['percent signs', '%'.repeat(MANY)],
    ['brackets', '['.repeat(MANY)],
    ['one long name', 'a'.repeat(MANY)],
  ])('%s', (_, query) => {
    expect(queryHoldsToken(`/orders?${query}`)).toBe(false)
    expect(queryHoldsToken(`/orders?${query}&access_token=a`)).toBe(true)
  })
})

describe('R4: a hostile form takes linear time', () => {
  it.each([
    ['ampersands', '&'.repeat(MANY)],
    ['parameters', 'a=b&'.repeat(MANY / 4)],
    ['tokens', 'access_token=a&'.repeat(MANY / 8)],
    ['brackets', `access_token${'['.repeat(MANY)}`],
    ['percent signs', `access_token=${'%'.repeat(MANY)}`],
  ])('%s', (_, body) => {
    readThrough({
      native: {},
      method: 'POST',
      target: '/',
      authorization: [],
      contentType: 'application/x-www-form-urlencoded',
      form: () => body,
    })
  })
})

describe('J2: a hostile token takes linear time', () => {
  const kit = createKit()
  const server = createResourceServer({
    resource: RESOURCE,
    issuer: { issuer: ISSUER, keys: keySetOf(kit.signers.ES256) },
    clock: () => NOW,
    limits: { token: 65_536, header: 65_536, keyId: 4096 },
  })
  const large = 48_000
  const deep = (open: string, close: string) => open.repeat(large / 8) + close.repeat(large / 8)

  it.each([
    ['dots', '.'.repeat(65_536)],
    ['letters', 'a'.repeat(65_536)],
    ['a header of brackets', `${encode('['.repeat(large))}.e30.AA`],
    ['claims of brackets', kit.token({ claims: '['.repeat(large - 400) })],
    ['claims of nested lists', kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":${deep('[', ']')}}`)],
    [
      'claims of nested objects',
      kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":${deep('{"":', '}').replace('}', '0}')}}`),
    ],
    [
      'claims of many members',
      kit.tokenWithJson(
        (json) => `${json.slice(0, -1)}${Array.from({ length: 4000 }, (_, at) => `,"${at}":0`).join('')}}`,
      ),
    ],
    ['claims of one long text', kit.token({ claims: kit.claims({ x: 'x'.repeat(large - 1000) }) })],
    ['claims of escapes', kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":"${'\\u0000'.repeat(large / 8)}"}`)],
    ['twenty thousand scopes', kit.token({ claims: kit.claims({ scope: 'a '.repeat(large / 3) }) })],
    ['scopes of spaces', kit.token({ claims: kit.claims({ scope: ' '.repeat(large - 1000) }) })],
    ['twenty thousand audiences', kit.token({ claims: kit.claims({ aud: Array.from({ length: 15_000 }, () => '') }) })],
    ['a long number', kit.tokenWithJson((json) => `${json.slice(0, -1)},"x":${'9'.repeat(large - 1000)}}`)],
  ])('%s', async (_, token) => {
    const outcome = await Promise.resolve()
      .then(() => server.verify(token))
      .catch((thrown: unknown) => thrown)
    expect(outcome).not.toBeInstanceOf(RangeError)
    expect(outcome).toMatchObject({})
  })

  it('base64url of any length', () => {
    for (const text of ['A'.repeat(MANY), `${'A'.repeat(MANY)}=`, `${'A'.repeat(MANY + 1)}`, '_'.repeat(MANY + 2)]) {
      decodeBase64url(text)
    }
  })
})
