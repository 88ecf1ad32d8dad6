import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/errors/refusal.ts'
import { type Credential, mayCarryForm, syntaxRefusal } from '../../src/http/credentials.ts'
import { codePoint } from '../support/code-points.ts'
import { type Policy, readAll, readHeaders } from '../support/http/read-credential.ts'

const policy: Policy = {
  queryTokens: 'reject',
  schemes: ['Bearer'],
  formTokens: 'off',
  credentials: undefined,
  proves: true,
  tokenLimit: 8192,
  formLimit: 65_536,
}

/** The result of reading header lines: a token, nothing, or the reason of the refusal. */
function read(lines: readonly string[], over: Partial<Policy> = {}): { token: string } | { reason: string } | 'none' {
  const request = { native: {}, method: 'GET', target: '/orders', authorization: lines, contentType: undefined }
  const credential = readHeaders(request, { ...policy, ...over })
  if (credential === undefined) return 'none'
  const refusal = credential instanceof Refusal ? credential : syntaxRefusal(credential)
  return refusal ? { reason: refusal.reason } : { token: (credential as Credential).token }
}

// The grammar of the standards, each rule as one expression (RFC 9110 §5.6.2, §11.2, §11.4).
const OWS = /^[ \t]+|[ \t]+$/g
const OURS = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i
const WHOLE = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

function expected(line: string): { token: string } | { reason: string } | 'none' {
  const value = line.replaceAll(OWS, '')
  if (!OURS.test(value)) return 'none'
  const token = WHOLE.exec(value)?.[1]
  return token === undefined ? { reason: 'credentials_syntax' } : { token }
}

const scheme = fc.constantFrom(
  'Bearer',
  'bearer',
  'BEARER',
  'bEaReR',
  'Bearerx',
  'xBearer',
  'Basic',
  'Bear',
  '',
  '"Bearer"',
)
const space = fc.constantFrom('', ' ', '  ', '\t', ' \t', '\t ', '\u00a0', '    ')
const token68 = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{0,12}={0,2}$/)
const piece = fc.oneof(
  token68,
  fc.string({ unit: codePoint, maxLength: 6 }),
  fc.constantFrom('=', '"', ';', ':', 'a=b', '%'),
)
const withoutComma = fc
  .tuple(space, scheme, space, fc.array(fc.oneof(piece, space), { maxLength: 4 }), space)
  .map(([before, name, between, rest, after]) => before + name + between + rest.join('') + after)
  .filter((line) => !line.includes(','))

describe('R1: the reader of the Authorization header', () => {
  it('agrees with the grammar on every line without a comma (RFC 9110 §11.4)', () => {
    fc.assert(
      fc.property(withoutComma, (line) => {
        expect(read([line])).toEqual(expected(line))
      }),
      { numRuns: 3000 },
    )
  })

  it('agrees with the grammar on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (text) => {
        if (!text.includes(',')) expect(read([text])).toEqual(expected(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('finds no token in a line with a comma: a token cannot contain one (RFC 9110 §11.2)', () => {
    const line = fc
      .tuple(withoutComma, fc.constantFrom(',', ', ', ' ,', ',,'), withoutComma)
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(line, (value) => {
        const result = read([value])
        expect(result === 'none' || 'reason' in result).toBe(true)
        if (result !== 'none')
          expect(['several_credentials', 'credentials_syntax']).toContain(Reflect.get(result, 'reason'))
      }),
      { numRuns: 2000 },
    )
  })

  it('finds no token in several lines, whatever they contain (RFC 6750 §2)', () => {
    fc.assert(
      fc.property(fc.array(withoutComma, { minLength: 2, maxLength: 4 }), (lines) => {
        expect(read(lines)).toEqual({ reason: 'several_credentials' })
      }),
    )
  })

  it('gives the same result for two lines and for the one line that a runtime joins them to (RFC 9110 §5.3)', () => {
    const credential = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('Bearer', 'bearer', 'Basic', 'Token', 'DPoP'),
          fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,12}={0,2}$/),
        )
        .map((parts) => parts.join(' ')),
      fc.constantFrom('', 'Bearer', 'Digest username="a, b", realm="c"', 'Basic "', 'Bearer "a', 'AWS4 a=b, c=d'),
    )
    // If each line leaves a quote open, the joined line is one well-formed parameter: the difference is not detectable.
    const isOpen = (line: string) => line.split('"').length % 2 === 0
    fc.assert(
      fc.property(credential, credential, (first, second) => {
        fc.pre(!(isOpen(first) && isOpen(second)))
        expect(read([`${first}, ${second}`])).toEqual(read([first, second]))
      }),
      { numRuns: 1000 },
    )
  })

  it('an escaped quote does not end a quoted string, so that no comma after it separates credentials (RFC 9110 §5.6.4)', () => {
    expect(read(['Digest username="a\\", Bearer b", realm="c"'])).toBe('none')
    expect(read(['Digest username="a\\\\", Bearer b'])).toEqual({ reason: 'several_credentials' })
  })

  it('a quote that is not closed quotes nothing: what follows its commas may be a parameter, or a credential', () => {
    expect(read(['Digest username="a, realm=c'])).toBe('none')
    expect(read(['Digest username="a, Bearer b'])).toEqual({ reason: 'several_credentials' })
  })

  it.each(['/', '='])('finds no token after the scheme without a space: %j ends its name (RFC 9110 §11.4)', (end) => {
    expect(read([`Bearer${end}abc`])).toEqual({ reason: 'credentials_syntax' })
    expect(read([`Bearer${end}`])).toEqual({ reason: 'credentials_syntax' })
  })

  it('a parameter may have white space before its equals sign (RFC 9110 §11.2)', () => {
    expect(read(['Digest username="a", realm ="c"'])).toBe('none')
    expect(read(['Digest username="a", realm\t= "c"'])).toBe('none')
  })

  it('checks the size before anything else (RFC 8725bis)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (limit, length) => {
        const result = read([`Bearer ${'a'.repeat(length)}`], { tokenLimit: limit })
        if (length > limit) expect(result).toEqual({ reason: 'token_too_large' })
        else expect(result).toEqual({ token: 'a'.repeat(length) })
      }),
    )
  })
})

describe('R4: the reader of forms', () => {
  const forms: Policy = { ...policy, formTokens: 'accept', formLimit: 20 }
  const post = (contentType: string | undefined, body: string) => ({
    native: {},
    method: 'POST',
    target: '/orders',
    authorization: [],
    contentType,
    form: () => body,
  })
  const FORM = 'application/x-www-form-urlencoded'

  it.each([`${FORM} ; charset=utf-8`, `${FORM}\t`, ` ${FORM.toUpperCase()};a="b;c"`])(
    'knows the media type, whatever surrounds it: %j (RFC 9110 §8.3.1)',
    (contentType) => {
      expect(mayCarryForm(post(contentType, ''), forms)).toBe(true)
    },
  )

  it.each(['', undefined, ';', `${FORM}x`, `text/plain; a=${FORM}`])('knows it is not: %j', (contentType) => {
    expect(mayCarryForm(post(contentType, ''), forms)).toBe(false)
  })

  it('takes a form of exactly the limit, and none that is longer (RFC 6750 §2.2)', async () => {
    const token = 'access_token='.padEnd(20, 'a')
    expect(await readAll(post(FORM, token), forms)).toMatchObject({ token: 'aaaaaaa', place: 'form' })
    expect(await readAll(post(FORM, `${token}a`), forms)).toMatchObject({ reason: 'form_too_large' })
  })

  it.each(['access_token[]=a', 'access_token[0]=a', '[access_token]=a&access_token=b'])(
    'finds no token under a name with brackets, and does not overlook it: %s (RFC 6750 §2.2)',
    async (body) => {
      const found = await readAll(post(FORM, body), { ...forms, formLimit: 100 })
      expect(found).toBeInstanceOf(Refusal)
    },
  )
})
